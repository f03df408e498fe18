import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigDef } from '@isthmus/sdk'
import { type LogEntry, loggerOf } from '../log/log.ts'
import { configText, logConnectorConfig, warnOfUnknown } from './config-log.ts'

const at = { importance: 'high', doc: '' } as const
const def: ConfigDef = {
  port: { ...at, type: 'int', default: 80 },
  hosts: { ...at, type: 'list', default: 'a,b' },
  pin: { ...at, type: 'password' },
  of: { ...at, type: 'string', default: null, internal: true },
  file: { ...at, type: 'string', default: null },
}

function lines(tell: (log: ReturnType<typeof loggerOf>) => void): readonly LogEntry[] {
  const entries: LogEntry[] = []
  tell(loggerOf((entry) => entries.push(entry), 'test'))
  return entries
}

test('a configuration is shown as it counts, in order, without its passwords', () => {
  assert.equal(
    configText('TestConfig', def, { pin: 'very secret', port: ' 8083 ' }),
    'TestConfig values: \n\tfile = null\n\thosts = [a, b]\n\tpin = [hidden]\n\tport = 8083\n',
  )
})

test('what nothing reads is named in one warning, with what was probably meant', () => {
  const [entry, ...more] = lines((log) =>
    warnOfUnknown(
      'the worker',
      ['tasks.max', 'group.id'],
      {
        'task.max': '1',
        'group.id': 'g',
        'bootstrap.servers': 'known to every client',
        'producer.linger.ms': '5',
        'producer.linger.mss': '5',
        'consumer.override.max.poll.record': '5',
        'key.converter.schemas.enable': 'plugins know',
        'something.else.entirely': '',
      },
      log,
    ),
  )
  assert.deepEqual(more, [])
  assert.equal(entry?.level, 'warn')
  assert.equal(
    entry?.message,
    "Properties of the worker that nothing is known to read: 'task.max' (did you mean 'tasks.max'?), " +
      "'producer.linger.mss' (did you mean 'linger.ms'?), 'consumer.override.max.poll.record' (did you mean 'max.poll.records'?), " +
      "'something.else.entirely'",
  )
  assert.deepEqual(
    lines((log) => warnOfUnknown('the worker', ['group.id'], { 'group.id': 'g' }, log)),
    [],
  )
})

test('of a connector what its config sets is shown, and passwords are not', () => {
  const [values, unknown, ...more] = lines((log) =>
    logConnectorConfig('SinkConnectorConfig', def, { pin: 'very secret', prot: '1' }, log),
  )
  assert.equal(values?.message, 'SinkConnectorConfig values: \n\tpin = [hidden]\n\tprot = 1\n')
  assert.match(unknown?.message ?? '', /'prot' \(did you mean 'port'\?\)/)
  assert.deepEqual(more, [])
})
