import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clients } from './clients.ts'
import { openStage } from './stage.ts'

/** `node tests/clients/rest/record.ts`: records what Java's distributed worker lets each client do. */
const golden = join(import.meta.dirname, 'golden')
await mkdir(golden, { recursive: true })
for (const [name, { play, passwords }] of Object.entries(clients)) {
  await using stage = await openStage('java', { passwords })
  const lines = (await play(stage)).map((played) => JSON.stringify(played))
  await writeFile(join(golden, `${name}.json`), `[\n${lines.join(',\n')}\n]\n`)
  process.stdout.write(`${name}: ${lines.length} commands recorded\n`)
}
