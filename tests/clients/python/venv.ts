import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Its wheels hold librdkafka, so nothing is compiled. */
const CONFLUENT_KAFKA = '2.16.1'
const run = promisify(execFile)

/** A Python that can import confluent_kafka, made once in a cache folder of this user. */
export async function pythonWithConfluentKafka(): Promise<string> {
  const cache = process.env['ISTHMUS_CACHE'] ?? join(homedir(), '.cache', 'isthmus')
  const venv = join(cache, `confluent-kafka-${CONFLUENT_KAFKA}`)
  const python = join(venv, 'bin', 'python')
  const complete = join(venv, 'complete')
  if (existsSync(complete)) return python
  await rm(venv, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', venv])
  const install = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:']
  await run(python, [...install, `confluent-kafka==${CONFLUENT_KAFKA}`])
  await writeFile(complete, '')
  return python
}
