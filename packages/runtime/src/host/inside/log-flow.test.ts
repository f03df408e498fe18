import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogEntry } from '../../log/log.ts'
import { openLogFlow } from './log-flow.ts'

const line = (message: string, level: LogEntry['level'] = 'info'): LogEntry => ({
  level,
  logger: 'plugin',
  context: '[c|task-0]',
  message,
})

test('a loop that logs without end is held to what the worker writes, and what is left out is told', () => {
  const sent: LogEntry[] = []
  const flow = openLogFlow((entry) => sent.push(entry))
  for (let i = 0; i < 1_000_000; i++) flow.log(line(`${i}`))
  assert.equal(sent.length, 2000)
  flow.log(line('the task failed', 'error'))
  assert.equal(sent.at(-1)?.message, 'the task failed')
  flow.written(100)
  assert.equal(
    sent.at(-1)?.message,
    '998000 lines of the log were left out: they came faster than the worker writes them',
  )
  assert.deepEqual([sent.at(-1)?.level, sent.at(-1)?.context], ['warn', '[c|task-0]'])
  flow.written(1902)
  for (let i = 0; i < 2000; i++) flow.log(line('again'))
  flow.written(2000)
  assert.equal(sent.at(-1)?.message, 'again', 'nothing was left out since')
})

test('long lines are cut, and count for their length', () => {
  const sent: LogEntry[] = []
  const flow = openLogFlow((entry) => sent.push(entry))
  for (let i = 0; i < 1000; i++) flow.log({ ...line('x'.repeat(2 ** 20)), trace: 'y'.repeat(2 ** 18) })
  assert.ok(sent.length <= 9, `${sent.length} lines of 512 KiB`)
  assert.match(sent[0]?.message ?? '', /^x{262144}… \(786432 more characters\)$/)
  assert.equal(sent[0]?.trace?.length, 2 ** 18)
})
