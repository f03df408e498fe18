import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { play } from './play.ts'
import { scenario } from './scenario.ts'

/**
 * Records the answers of a Java worker: `node tests/conformance/record.ts http://127.0.0.1:8083 <group.id>`, on a distributed
 * worker of Apache Kafka 4.3.1 with StringConverter for keys and values and `listeners` naming that very address.
 */
const [url = '', group = ''] = process.argv.slice(2)
const dir = await mkdtemp(join(tmpdir(), 'conformance-'))
await writeFile(join(dir, 'in.txt'), 'one\ntwo\nthree\n')
const answers = await play(scenario, { url, dir, id: `conformance-${Date.now()}`, group })
const golden = join(import.meta.dirname, 'golden')
await mkdir(golden, { recursive: true })
await writeFile(join(golden, 'answers.json'), `[\n${answers.map((a) => JSON.stringify(a)).join(',\n')}\n]\n`)
process.stdout.write(`${answers.length} answers recorded\n`)
