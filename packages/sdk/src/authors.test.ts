import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  atLeast,
  type ConfigDef,
  type ConfigOf,
  type SinkTask,
  type SourceTask,
  schema,
  sinkConnector,
  sourceConnector,
  sourceRecord,
  transform,
} from './index.ts'

/** What types tell authors: the compiler holds each line to it, and an error that is expected and does not come is one itself. */

type Same<A, B> = [A, B] extends [B, A] ? true : never
const is = <T extends true>(same?: T) => same

const config = {
  url: { type: 'string', importance: 'high', doc: 'Where to ask.' },
  'interval.ms': { type: 'int', default: 1000, validate: atLeast(1), importance: 'low', doc: 'How often.' },
  topics: { type: 'list', default: '', importance: 'low', doc: 'Which.' },
  proxy: { type: 'string', default: null, importance: 'low', doc: 'By way of.' },
  token: { type: 'password', importance: 'high', doc: 'Who asks.' },
} as const satisfies ConfigDef

const emptyTask = { async [Symbol.asyncDispose]() {} }

test('a config has the types of its definition', () => {
  type Config = ConfigOf<typeof config>
  is<Same<Config['url'], string>>()
  is<Same<Config['interval.ms'], number>>()
  is<Same<Config['topics'], readonly string[]>>()
  is<Same<Config['proxy'], string | null>>()
  is<Same<ReturnType<Config['token']['reveal']>, string>>()
  is<Same<Config['raw'], { readonly [name: string]: string }>>()

  const source = sourceConnector({
    class: 'my.Source',
    version: '1',
    // inferred here as well, without `as const`
    config: { url: { type: 'string', importance: 'high', doc: '' } },
    connector: (config) => ({
      taskConfigs: () => [{ ...config.raw, url: config.url.trim() }],
    }),
    task: (config, context) => {
      // @ts-expect-error: no such property
      config.ulr
      // @ts-expect-error: text, not a number
      config.url.toFixed()
      context.log.info(config.url)
      return { ...emptyTask, poll: async () => null }
    },
  })
  assert.equal(source.type, 'source')
})

test('what a task must not answer is an error where it is written', () => {
  const record = sourceRecord({ topic: 't', value: 1, sourcePartition: {}, sourceOffset: {} })
  const tasks = {
    // @ts-expect-error: one record instead of an array
    one: { ...emptyTask, poll: async () => record },
    // @ts-expect-error: nothing is null
    nothing: { ...emptyTask, poll: async () => {} },
    // @ts-expect-error: no promise
    atOnce: { ...emptyTask, poll: () => [record] },
    // @ts-expect-error: records that are none yet
    promised: { ...emptyTask, poll: async () => [Promise.resolve(record)] },
    // @ts-expect-error: what it holds is released
    kept: { poll: async () => null },
    sound: { ...emptyTask, poll: async () => [record] },
  } satisfies { [name: string]: SourceTask }
  const sinks = {
    // @ts-expect-error: an answer that nobody heeds
    answering: { ...emptyTask, put: async () => true },
    // @ts-expect-error: offsets are an array
    noOffsets: { ...emptyTask, put: () => {}, preCommit: () => {} },
    sound: { ...emptyTask, put: () => {}, preCommit: (offsets) => offsets },
  } satisfies { [name: string]: SinkTask }
  assert.equal(Object.keys(tasks).length + Object.keys(sinks).length, 9)
})

test('a plugin that lacks something is an error where it is written', () => {
  const task = () => ({ ...emptyTask, put: () => {} })
  const connector = () => ({ taskConfigs: () => [] })
  sinkConnector({ class: 'my.Sink', version: null, config: {}, connector, task })
  // @ts-expect-error: no class
  sinkConnector({ version: null, config: {}, connector, task })
  // @ts-expect-error: no task
  sinkConnector({ class: 'my.Sink', version: null, config: {}, connector })
  const numbers = () => ({ taskConfigs: () => [{ a: 1 }] })
  // @ts-expect-error: values of task configs are text
  sinkConnector({ class: 'my.Sink', version: null, config: {}, connector: numbers, task })
  sinkConnector({
    class: 'my.Sink',
    version: null,
    // @ts-expect-error: 'integer' is no type
    config: { port: { type: 'integer', importance: 'high', doc: '' } },
    connector,
    task,
  })
  sinkConnector({
    class: 'my.Sink',
    version: null,
    // @ts-expect-error: a property says what it is for
    config: { port: { type: 'int', importance: 'high' } },
    connector,
    task,
  })
  // @ts-expect-error: apply, not aply
  transform({ class: 'my.T', aply: (record: unknown) => record })
  // @ts-expect-error: a transform returns the record
  transform({ class: 'my.T', apply: () => {} })
})

test('records and schemas hold what can be written', () => {
  const base = { topic: 't', sourcePartition: { file: 'a' }, sourceOffset: { line: 1n } }
  // @ts-expect-error: a topic has a name
  sourceRecord({ ...base, value: 1, topic: 5 })
  // @ts-expect-error: no functions
  sourceRecord({ ...base, value: { f() {} } })
  // @ts-expect-error: no dates in milliseconds
  sourceRecord({ ...base, value: 1, timestamp: new Date() })
  // @ts-expect-error: no offset
  sourceRecord({ topic: 't', value: 1, sourcePartition: {} })
  // @ts-expect-error: fields have schemas
  const struct = schema.struct({ a: 'string' })
  assert.equal(struct.type, 'struct')
})
