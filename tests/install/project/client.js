import { openClient } from '@isthmus/client'

const client = openClient({ url: process.argv[2] })
await client.put('lines', {
  'connector.class': 'FileStreamSource',
  file: 'input.txt',
  topic: 'lines',
  transforms: 'shout',
  'transforms.shout.type': 'install.Shout',
})
console.log((await client.connectors()).join())
