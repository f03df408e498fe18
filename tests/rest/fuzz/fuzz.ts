import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openClient } from '@isthmus/client'
import { openVenv } from '../../clients/python/venv.ts'
import { startChild } from '../../process/child.ts'
import { eventually } from '../../process/eventually.ts'
import { readLines } from '../../process/lines.ts'
import { openRestWorker } from '../worker.ts'

const CHECKS = [
  'no_server_error',
  'status_code_conformance',
  'response_schema_conformance',
  'content_type_conformance',
]
/** No answer for that long is a failure. */
const HANG_SECONDS = 30
const hooks = fileURLToPath(new URL('hooks.py', import.meta.url))

export const schemathesis = () => openVenv('schemathesis', new URL('schemathesis.txt', import.meta.url))

export interface FuzzOptions {
  /** For each operation, at most; about as many again are derived from the document. */
  readonly examples: number
  readonly seed: number
  readonly longestMs: number
}

/**
 * Plays random requests after `/openapi.json` to a worker of its own, with Schemathesis: no answer may be a 5xx or other than the
 * document says, or be missing. A pair of connectors that no request names copies lines before and after. Resolves to the number of requests.
 */
export async function fuzz({ examples, seed, longestMs }: FuzzOptions): Promise<number> {
  const venv = await schemathesis()
  await using worker = await openRestWorker()
  const client = openClient({ url: worker.url })
  const [input, output] = [worker.dir.at('witness-in'), worker.dir.at('witness-out')]
  await writeFile(input, 'before\n')
  const copy = { topic: 'witness', topics: 'witness' }
  await client.put('witness-in', { 'connector.class': 'FileStreamSource', file: input, ...copy })
  await client.put('witness-out', { 'connector.class': 'FileStreamSink', file: output, ...copy })
  await eventually('a line is copied', async () => (await readLines(output)).length === 1)

  await writeFile(worker.dir.at('fuzz.txt'), 'one\ntwo\n')
  const limits = ['--max-examples', String(examples), '--request-timeout', String(HANG_SECONDS)]
  const how = ['--phases', 'examples,coverage,fuzzing', '--checks', CHECKS.join(','), '--seed', String(seed)]
  const args = ['run', `${worker.url}/openapi.json`, ...limits, ...how, '--warnings', 'off']
  await using st = startChild(venv('st'), args, {
    cwd: worker.dir.path,
    env: { SCHEMATHESIS_HOOKS: hooks, ISTHMUS_FUZZ_FILE: worker.dir.at('fuzz.txt') },
    longestMs,
  })
  assert.equal(await st.ended, 0, st.output())
  const [, generated, passed] = /(\d+) generated, (\d+) passed/.exec(st.output()) ?? []
  assert.equal(passed, generated, st.output())

  await appendFile(input, 'after\n')
  await eventually('another is copied', async () => (await readLines(output)).length === 2)
  assert.deepEqual(await readLines(output), ['before', 'after'])
  assert.equal((await client.health()).status, 'healthy')
  return Number(generated)
}
