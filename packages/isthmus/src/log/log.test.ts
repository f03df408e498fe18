import assert from 'node:assert/strict'
import { test } from 'node:test'
import { levelOf } from '@isthmus/runtime/log-levels'
import { openLogLevels } from './levels.ts'
import { jsonLine, openLog, parseLevels, textLine } from './log.ts'

const entry = {
  level: 'warn',
  logger: 'org.apache.kafka.connect.file.FileStreamSourceTask',
  context: '[lines|task-0]',
  message: "Couldn't find file test.txt",
} as const
const at = new Date(2026, 0, 2, 3, 4, 5, 6)

test('a text line reads as Java Connect prints it', () => {
  assert.equal(
    textLine(entry, at),
    "[2026-01-02 03:04:05,006] WARN [lines|task-0] Couldn't find file test.txt (org.apache.kafka.connect.file.FileStreamSourceTask)\n",
  )
  assert.equal(
    textLine({ level: 'error', logger: 'a.b', context: '', message: 'no', trace: 'x: y\n\tat z' }, at),
    '[2026-01-02 03:04:05,006] ERROR no (a.b)\nx: y\n\tat z\n',
  )
})

test('a JSON line is one object, whatever the message holds', () => {
  const line = jsonLine({ ...entry, message: 'two\nlines "quoted"' }, at)
  assert.equal(line.indexOf('\n'), line.length - 1)
  assert.deepEqual(JSON.parse(line), { ...entry, message: 'two\nlines "quoted"', time: at.toISOString() })
})

test('the nearest name decides what is written', () => {
  const levels = parseLevels('warn, org.apache.kafka=info,org.apache.kafka.connect.file=DEBUG')
  assert.equal(levelOf('org.apache.kafka.connect.file.FileStreamSourceTask', levels, 'info'), 'debug')
  assert.equal(levelOf('org.apache.kafka.connect.filex', levels, 'info'), 'info')
  assert.equal(levelOf('io.debezium', levels, 'info'), 'warn')
  const lines: string[] = []
  const log = openLog({ format: 'text', levels: openLogLevels(levels), write: (line) => lines.push(line) })
  log({ ...entry, level: 'debug' })
  log({ ...entry, level: 'trace' })
  log({ ...entry, logger: 'io.debezium', level: 'info' })
  assert.equal(lines.length, 1)
})

test('a level that is none is named', () => {
  assert.throws(() => parseLevels('info,org.x=loud'), /Unknown log level 'loud': use one of trace, debug/)
})
