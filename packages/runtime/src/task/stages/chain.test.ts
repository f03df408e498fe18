import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ConnectRecord, type Props, schema } from '@isthmus/sdk'
import { pluginContext, sinkRecord } from '@isthmus/testkit'
import type { PluginDescriptor } from '../../plugins/descriptor.ts'
import { scanApart } from '../../plugins/scan-apart.ts'
import { openChain } from './chain.ts'

const T = 'org.apache.kafka.connect.transforms.'

/** True for records of a topic; it counts in `globalThis` how often it was opened and closed. */
const ofTopic: PluginDescriptor = {
  kind: 'module',
  type: 'predicate',
  class: 'my.OfTopic',
  version: null,
  location: 'classpath',
  stamp: '',
  export: 'OfTopic',
  module: `data:text/javascript,${encodeURIComponent(`
    globalThis.ofTopic = { opened: 0, closed: 0 }
    export const OfTopic = {
      type: 'predicate', class: 'my.OfTopic', version: null,
      config: { topic: { type: 'string', importance: 'high', doc: '' } },
      open: ({ topic }) => {
        globalThis.ofTopic.opened++
        return { test: (record) => record.topic === topic, [Symbol.asyncDispose]: async () => { globalThis.ofTopic.closed++ } }
      },
    }`)}`,
}

const { plugins: builtin } = await scanApart({
  packages: [import.meta.resolve('@isthmus/builtin')],
  paths: [],
})
/** Written without a type checker: `apply` returns what its `mode` says. */
const careless: PluginDescriptor = {
  ...ofTopic,
  type: 'transformation',
  class: 'my.Careless',
  export: 'Careless',
  module: `data:text/javascript,${encodeURIComponent(`
    export const Careless = {
      type: 'transformation', class: 'my.Careless', version: null,
      config: { mode: { type: 'string', importance: 'high', doc: '' } },
      open: ({ mode }) => ({
        none: { apply() {} }, later: { async apply() {} }, other: { apply: () => ({ value: 1 }) },
        typo: { aply: (record) => record }, nothing: undefined,
      })[mode],
    }`)}`,
}
const undecided: PluginDescriptor = {
  ...ofTopic,
  class: 'my.Undecided',
  export: 'Undecided',
  module: `data:text/javascript,${encodeURIComponent(`
    export const Undecided = {
      type: 'predicate', class: 'my.Undecided', version: null,
      config: { mode: { type: 'string', importance: 'high', doc: '' } },
      open: ({ mode }) => ({ test: { later: async () => true, none() {} }[mode] }),
    }`)}`,
}
const plugins = [...builtin, ofTopic, careless, undecided]
const list = (text: string | undefined) => (text === undefined ? [] : text.split(','))

/** What the chain that the properties say makes of the records. */
async function through(props: Props, ...records: ConnectRecord[]): Promise<(ConnectRecord | null)[]> {
  await using stack = new AsyncDisposableStack()
  const aliases = { transforms: list(props['transforms']), predicates: list(props['predicates']) }
  const steps = await openChain(props, aliases, plugins, {
    contextOf: () => pluginContext(),
    opened: stack,
  })
  const made: (ConnectRecord | null)[] = []
  for (const record of records) {
    let current: ConnectRecord | null = record
    for (const step of steps) if (current !== null) current = await step.apply(current)
    made.push(current)
  }
  return made
}

const hoist = (alias: string, more: Props = {}): Props => ({
  [`transforms.${alias}.type`]: `${T}HoistField$Value`,
  [`transforms.${alias}.field`]: alias,
  ...Object.fromEntries(Object.entries(more).map(([name, text]) => [`transforms.${alias}.${name}`, text])),
})
const predicate = { predicates: 'p', 'predicates.p.type': 'my.OfTopic', 'predicates.p.topic': 'yes' }

describe('the chain of transforms', () => {
  it('says what is wrong where a transform returns no record, or is none', async () => {
    const careless = (mode: string) =>
      through(
        { transforms: 'c', 'transforms.c.type': 'my.Careless', 'transforms.c.mode': mode },
        sinkRecord({}),
      )
    for (const [mode, said] of [
      ['none', /The transform my\.Careless has returned undefined: its 'apply' returns the record/],
      ['later', /The transform my\.Careless has returned undefined/],
      ['other', /The transform my\.Careless has returned something that is no record/],
      ['typo', /What my\.Careless opens .*: it has no function 'apply'; is 'aply' meant to be it\?/],
      ['nothing', /What my\.Careless opens is of type undefined, and must be an object/],
    ] as const)
      await assert.rejects(careless(mode), { code: 'plugin', message: said })
  })

  it('applies them in the order of their aliases, schemas included', async () => {
    const props = {
      transforms: 'insert,cast,rename,key',
      'transforms.insert.type': `${T}InsertField$Value`,
      'transforms.insert.offset.field': 'at!',
      'transforms.cast.type': `${T}Cast$Value`,
      'transforms.cast.spec': 'at:string,n:int64',
      'transforms.rename.type': `${T}ReplaceField$Value`,
      'transforms.rename.renames': 'at:offset',
      'transforms.rename.exclude': 'secret',
      'transforms.key.type': 'ValueToKey',
      'transforms.key.fields': 'offset',
    }
    const given = schema.struct({ n: schema.int8(), secret: schema.string() })
    const value = { n: 5, secret: 's' }
    const [made] = await through(props, sinkRecord({ kafkaOffset: 7, valueSchema: given, value }))
    assert.deepEqual(made?.value, { n: 5n, offset: '7' })
    assert.deepEqual(made?.valueSchema, schema.struct({ n: schema.int64(), offset: schema.string() }))
    assert.deepEqual(made?.key, { offset: '7' })
    assert.deepEqual(made?.keySchema, schema.struct({ offset: schema.string() }))
  })

  it('holds a predicate to an answer at once', async () => {
    for (const [mode, said] of [
      ['later', /^The predicate 'p' has returned a promise: its 'test' answers at once/],
      ['none', /^The predicate 'p' has returned undefined: its 'test' answers with true or false$/],
    ] as const) {
      const props = { predicates: 'p', 'predicates.p.type': 'my.Undecided', 'predicates.p.mode': mode }
      const guarded = { ...props, transforms: 'a', ...hoist('a', { predicate: 'p' }) }
      await assert.rejects(through(guarded, sinkRecord({ value: 1 })), { code: 'plugin', message: said })
    }
  })

  it('applies one where its predicate holds, or with negate where it does not', async () => {
    const props = {
      ...predicate,
      transforms: 'a,b,c',
      ...hoist('a', { predicate: 'p' }),
      ...hoist('b', { predicate: 'p', negate: 'true' }),
      ...hoist('c', { predicate: 'p', negate: ' FALSE ' }),
    }
    const made = await through(
      props,
      sinkRecord({ topic: 'yes', value: 1 }),
      sinkRecord({ topic: 'no', value: 1 }),
    )
    assert.deepEqual(
      made.map((record) => record?.value),
      [{ c: { a: 1 } }, { b: 1 }],
    )
    assert.deepEqual((globalThis as { ofTopic?: unknown }).ofTopic, { opened: 3, closed: 3 })
  })

  it('says what cannot be opened, and why', async () => {
    const cases: [Props, string][] = [
      [
        { transforms: 'a', ...hoist('a', { predicate: 'q' }) },
        "Invalid value q for configuration transforms.a.predicate: no such alias in 'predicates'",
      ],
      [
        { transforms: 'a', ...hoist('a', { negate: 'true' }) },
        "Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a predicate to be negated.",
      ],
      [
        { transforms: 'a', 'transforms.a.type': `${T}Cast` },
        `Invalid value ${T}Cast for configuration transforms.a.type: This class is abstract and cannot be created. Did you mean ${T}Cast$Key, ${T}Cast$Value?`,
      ],
      [{ transforms: 'a' }, 'Missing required configuration "transforms.a.type" which has no default value.'],
      [
        { transforms: 'a', 'transforms.a.type': 'my.OfTopic' },
        'Invalid value my.OfTopic for configuration transforms.a.type: Class my.OfTopic could not be found.',
      ],
    ]
    for (const [props, message] of cases)
      await assert.rejects(through({ ...predicate, ...props }), { code: 'config', message })
    // what the transform itself has to say comes wrapped, as in Java
    await assert.rejects(through({ transforms: 'a', 'transforms.a.type': `${T}Cast$Value` }), {
      code: 'connect',
      message:
        'org.apache.kafka.common.config.ConfigException: Missing required configuration "spec" which has no default value.',
    })
  })
})
