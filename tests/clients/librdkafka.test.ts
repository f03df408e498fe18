import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startChild } from '../process/child.ts'
import { fetched, pythonIsAbsent } from './availability.ts'
import { openEmbedded } from './embedded.ts'
import { openVenv } from './python/venv.ts'

const program = fileURLToPath(new URL('python/librdkafka.py', import.meta.url))

test('librdkafka from Python produces, consumes, administers and transacts', {
  skip: pythonIsAbsent(),
  timeout: 240_000,
}, async (t) => {
  const requirements = new URL('python/librdkafka.txt', import.meta.url)
  const venv = await fetched(t, 'confluent-kafka', () => openVenv('librdkafka', requirements))
  if (venv === null) return
  await using broker = await openEmbedded()
  await using child = startChild(venv('python'), [program, broker.bootstrapServers], { longestMs: 120_000 })
  assert.equal(await child.ended, 0, child.output())
  const last = child.output().trimEnd().split('\n').at(-1) ?? ''
  assert.deepEqual(JSON.parse(last), {
    plain: {
      failures: [],
      read: 50_000,
      different: 50_000,
      committed: { 0: 16_670, 1: 16_665, 2: 16_665 },
      again: 0,
    },
    transactions: {
      committed: 1000,
      aborted: 0,
      everything: 2000,
      offset: 18,
      fenced: true,
      final: 1001,
      last: true,
    },
    administration: {
      partitions: 2,
      groups: ['rd-committed', 'rd-copy', 'rd-everything', 'rd-final', 'rd-readers'],
      left: false,
    },
  })
})
