import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError, type Stalled } from '@isthmus/kafka'
import { type LogEntry, loggerOf } from './log.ts'
import { groupStalls, readStalls, sendStalls } from './stalls.ts'

test('what is said while Kafka is away, and when it is back', () => {
  const lines: LogEntry[] = []
  const log = loggerOf((entry) => lines.push(entry), 'test', '[c|task-0]')
  const error = new KafkaError('DISCONNECTED', 'Connection to kafka:9092 failed')
  const all = (tell: Stalled) => {
    tell({ phase: 'begun', ms: 10_300, waiting: 1, error: null })
    tell({ phase: 'lasts', ms: 70_100, waiting: 2, error })
    tell({ phase: 'over', ms: 80_000, waiting: 2, error: null })
  }
  all(sendStalls(log, 'of the task'))
  all(readStalls(log, 'of the task'))
  all(groupStalls(log, 'connect-c'))
  assert.deepEqual(
    lines.map(({ level, context, message }) => `${level} ${context} ${message}`),
    [
      'warn [c|task-0] Kafka acknowledges nothing; still unsent: 1 record of the task. It has been so for 10 s. No broker answers.',
      'warn [c|task-0] Kafka acknowledges nothing; still unsent: 2 records of the task. It has been so for 70 s. The last error: Connection to kafka:9092 failed',
      'info [c|task-0] Kafka acknowledges records of the task again; up to 2 waited. It took 80 s.',
      'warn [c|task-0] Nothing can be read from 1 partition of the task. It has been so for 10 s. No broker answers.',
      'warn [c|task-0] Nothing can be read from 2 partitions of the task. It has been so for 70 s. The last error: Connection to kafka:9092 failed',
      'info [c|task-0] 2 partitions of the task can be read again. It took 80 s.',
      'warn [c|task-0] Group connect-c cannot be reached. It has been so for 10 s. No broker answers.',
      'warn [c|task-0] Group connect-c cannot be reached. It has been so for 70 s. The last error: Connection to kafka:9092 failed',
      'info [c|task-0] Group connect-c is reached again. It took 80 s.',
    ],
  )
})
