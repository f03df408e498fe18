import assert from 'node:assert/strict'
import {
  type ConfigDef,
  type MaybePromise,
  type Props,
  parseConfig,
  type SinkPlugin,
  type SourcePlugin,
} from '@isthmus/sdk'
import {
  connectorContext,
  connectorProps,
  type LentContextOptions,
  type SourceContextOptions,
} from '../contexts.ts'
import type { Contract } from './contract.ts'

/** What a connector copies from or to, opened for one clause. */
export interface Place extends Partial<AsyncDisposable> {
  /** The config by which the connector finds it. */
  readonly props: Props
}

/** Of tasks: what contexts of a contract's clauses are lent, beside what the clause is about. */
export type Lent = Omit<LentContextOptions, 'signal'>

type Plugin<D extends ConfigDef> = SourcePlugin<D> | SinkPlugin<D>

/** The config of its only task, as the connector gives it. */
export async function taskPropsOf<D extends ConfigDef>(
  plugin: Plugin<D>,
  props: Props,
  lent: SourceContextOptions,
): Promise<Props> {
  const configured = connectorProps(plugin.class, props)
  const connector = await plugin.connector(parseConfig(plugin.config, configured), connectorContext(lent))
  try {
    const [first] = await connector.taskConfigs(1)
    assert.ok(first, 'taskConfigs(1) has no config for a task')
    return first
  } finally {
    await connector[Symbol.asyncDispose]?.()
  }
}

/** What every connector keeps to, source or sink. */
export function connectorClauses<D extends ConfigDef>(
  plugin: Plugin<D>,
  open: () => MaybePromise<Place>,
  lent: Lent,
): Contract {
  const openConnector = async (props: Props) => {
    const config = parseConfig(plugin.config, connectorProps(plugin.class, props))
    return await plugin.connector(config, connectorContext(lent))
  }
  return [
    {
      name: 'a connector has at most as many configs as there may be tasks, all of texts, and the same when asked again',
      async run() {
        await using stack = new AsyncDisposableStack()
        const place = await opened(stack, open)
        const connector = await openConnector(place.props)
        stack.defer(() => connector[Symbol.asyncDispose]?.())
        for (const most of [1, 2, 7]) {
          const configs = await connector.taskConfigs(most)
          assert.ok(configs.length <= most, `taskConfigs(${most}) has ${configs.length} configs`)
          for (const [name, value] of configs.flatMap((config) => Object.entries(config)))
            assert.equal(typeof value, 'string', `taskConfigs(${most}): ${name} is not a text`)
          assert.deepEqual(await connector.taskConfigs(most), configs)
        }
      },
    },
    {
      name: 'a connector takes a second disposal as it takes the first',
      async run() {
        await using stack = new AsyncDisposableStack()
        const { props } = await opened(stack, open)
        const connector = await openConnector(props)
        await connector[Symbol.asyncDispose]?.()
        await connector[Symbol.asyncDispose]?.()
      },
    },
  ]
}

/** Opens a place, which goes with the stack. */
export async function opened<P extends Place>(
  stack: AsyncDisposableStack,
  open: () => MaybePromise<P>,
): Promise<P> {
  const place = await open()
  stack.defer(() => place[Symbol.asyncDispose]?.())
  return place
}
