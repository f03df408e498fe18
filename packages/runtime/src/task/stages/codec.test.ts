import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PluginContext } from '@isthmus/sdk'
import { type LogEntry, loggerOf } from '../../log/log.ts'
import type { PluginDescriptor } from '../../plugins/descriptor.ts'
import { openControl } from '../control.ts'
import { openChain } from './chain.ts'
import { openCodec } from './codec.ts'
import { openPluginContexts } from './plugin-context.ts'

/** What the plugins below were opened with, by what they are, and what became of it. */
interface Seen {
  readonly contexts: Map<string, PluginContext>
  readonly log: string[]
}
const seen: Seen = { contexts: new Map(), log: [] }
Object.assign(globalThis, { seen })

const module = `data:text/javascript,${encodeURIComponent(`
  const open = (what) => async (context) => {
    seen.contexts.set(what, context)
    context.log.info('opened')
    await context.shared('my.registry', () => {
      seen.log.push('open registry')
      return { async [Symbol.asyncDispose]() { seen.log.push('dispose registry') } }
    })
    context.signal.addEventListener('abort', () => seen.log.push(what + ' aborted'))
    return {
      fromConnectData: () => null, toConnectData: () => ({ schema: null, value: null }),
      fromConnectHeader: () => null, toConnectHeader: () => ({ schema: null, value: null }),
      apply: (record) => record, test: () => true,
      async [Symbol.asyncDispose]() { seen.log.push(what + ' disposed') },
    }
  }
  export const Converter = { type: 'converter', class: 'my.Converter', version: null, config: {},
    open: (_config, role, context) => open(role)(context), openHeader: (_config, context) => open('header')(context) }
  export const Transform = { type: 'transformation', class: 'my.Transform', version: null, config: {},
    open: (_config, context) => open('transform')(context) }
  export const Predicate = { type: 'predicate', class: 'my.Predicate', version: null, config: {},
    open: (_config, context) => open('predicate')(context) }
`)}`
const plugin = (type: PluginDescriptor['type'], name: string): PluginDescriptor => ({
  kind: 'module',
  type,
  class: `my.${name}`,
  version: null,
  location: 'classpath',
  stamp: '',
  module,
  export: name,
  headers: true,
})
const plugins = [
  plugin('converter', 'Converter'),
  plugin('transformation', 'Transform'),
  plugin('predicate', 'Predicate'),
]
const props = {
  'key.converter': 'my.Converter',
  'value.converter': 'my.Converter',
  'header.converter': 'my.Converter',
  'transforms.t.type': 'my.Transform',
  'transforms.t.predicate': 'p',
  'predicates.p.type': 'my.Predicate',
}

async function openTask(task: number, stack: AsyncDisposableStack) {
  const entries: LogEntry[] = []
  const control = openControl('STARTED')
  const contexts = openPluginContexts({
    spec: { connector: 'orders', task },
    hostPort: { logger: (name, context) => loggerOf((entry) => entries.push(entry), name, context) },
    control,
    stack,
    context: `[orders|task-${task}]`,
  })
  await openCodec(props, {}, plugins, contexts)
  await openChain(props, { transforms: ['t'], predicates: ['p'] }, plugins, contexts)
  return { control, entries }
}

describe('what plugins of a task are opened with', () => {
  it('is the same for converters, header converters, transforms and predicates', async () => {
    await using stack = new AsyncDisposableStack()
    const { entries } = await openTask(3, stack)
    assert.deepEqual([...seen.contexts.keys()], ['key', 'value', 'header', 'transform', 'predicate'])
    for (const { connector, task } of seen.contexts.values())
      assert.deepEqual([connector, task], ['orders', 3])
    assert.deepEqual(
      entries.map(({ context, logger, message }) => `${context} ${logger} ${message}`),
      [
        ...Array<string>(3).fill('[orders|task-3] my.Converter opened'),
        '[orders|task-3] my.Transform opened',
        '[orders|task-3] my.Predicate opened',
      ],
    )
  })

  it('is taken back in order: the signal, what was opened, what is shared; that when the last task is gone', async () => {
    seen.log.length = 0
    const [one, other] = [new AsyncDisposableStack(), new AsyncDisposableStack()]
    await openTask(0, one)
    await openTask(1, other)
    assert.deepEqual(seen.log, ['open registry'])
    await one.disposeAsync()
    const ended = ['key', 'value', 'header', 'transform', 'predicate']
    assert.deepEqual(seen.log.splice(0), [
      'open registry',
      ...ended.map((what) => `${what} aborted`),
      ...ended.toReversed().map((what) => `${what} disposed`),
    ])
    await other.disposeAsync()
    assert.equal(seen.log.at(-1), 'dispose registry')
  })

  it('has a signal that aborts when a stop has taken too long, not before', async () => {
    await using stack = new AsyncDisposableStack()
    const { control } = await openTask(0, stack)
    const { signal } = seen.contexts.get('value') ?? assert.fail()
    control.stop()
    assert.equal(signal.aborted, false)
    control.cancel()
    assert.equal(signal.aborted, true)
  })
})
