/**
 * One run of the S3 client in a process of its own, without a connector: `put|get properties.json folder parallel sizes.json`. Puts
 * objects of these sizes below the folder, or gets those with these keys. Prints MB/s, and CPU seconds for each GB, at the end.
 */
import { readFile } from 'node:fs/promises'
import { openBucketStore } from '@isthmus/connector-s3/testing'

const [what, properties = '', folder = '', parallel = '1', list = ''] = process.argv.slice(2)
const read = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8'))
const objects = await read<readonly { readonly key: string; readonly size: number }[]>(list)
await using store = await openBucketStore(await read(properties))
const largest = objects.reduce((most, { size }) => Math.max(most, size), 0)
const content = Buffer.from(Array.from({ length: largest }, (_, at) => 65 + ((at * 7) % 26)))

/** The connection is made, and the code has run once, before the clock starts. */
await store.put(`${folder}warm-up`, content.subarray(0, 1000))

const cpu = process.cpuUsage()
const started = performance.now()
let next = 0
await Promise.all(Array.from({ length: Number(parallel) }, run))
const bytes = objects.reduce((sum, { size }) => sum + size, 0)
const MBs = Math.round(bytes / 100 / (performance.now() - started)) / 10
const { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({ MBs, cpuSecondsPerGB: (user + system) / 1e6 / (bytes / 1e9) }))

async function run(): Promise<void> {
  for (let object = objects[next++]; object !== undefined; object = objects[next++]) {
    if (what === 'put') await store.put(`${folder}${object.key}`, content.subarray(0, object.size))
    else await readThrough(object.key)
  }
}

async function readThrough(key: string): Promise<void> {
  const object = await store.get(key)
  if (object === null) throw new Error(`there is no object ${key}`)
  let left = object.size
  for await (const chunk of object.body) left -= chunk.length
  if (left !== 0) throw new Error(`${left} bytes of ${key} are missing`)
}
