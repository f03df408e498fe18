import { type ConfigValue, sourceConnector } from '@isthmus/sdk'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { descriptorsOf } from '../plugins/scan.ts'

const HANG = { type: 'string', default: '', importance: 'high', doc: 'What never ends.' } as const

/** What hangs inline, by `name what`: resolving it ends the wait. */
export const hanging = new Map<string, PromiseWithResolvers<void>>()

/** Connectors whose check was told, by its signal, that nobody waits for it, by their ids. */
export const abandoned = new Set<string>()

/** Never settles, unless the test ends it; `busy` hangs the thread itself. */
function hangIf(config: { readonly hang: string; readonly id: string }, what: string): Promise<void> | null {
  if (config.hang === `busy-${what}`) for (;;);
  if (config.hang !== what) return null
  const wait = Promise.withResolvers<void>()
  hanging.set(`${config.id} ${what}`, wait)
  return wait.promise
}

/** A connector that hangs where its config says: start, task-configs, stop, validate, alter-offsets, or with `busy-` before these. */
export const Hanging = sourceConnector({
  class: 'test.HangingConnector',
  taskClass: 'test.HangingTask',
  version: '1',
  config: { hang: HANG, id: HANG },
  async validate(props, _values: readonly ConfigValue[], { signal }) {
    signal.addEventListener('abort', () => abandoned.add(props['id'] ?? ''))
    await hangIf({ hang: props['hang'] ?? '', id: props['id'] ?? '' }, 'validate')
    return {}
  },
  async alterOffsets(props) {
    await hangIf({ hang: props['hang'] ?? '', id: props['id'] ?? '' }, 'alter-offsets')
    return true
  },
  async connector(config, context) {
    await hangIf(config, 'start')
    if (config.hang === 'throw') setImmediate(() => Promise.reject(new Error('nobody catches this')))
    if (config.hang === 'grow') for (const hoard: unknown[][] = []; ; ) hoard.push(new Array(1e6).fill({}))
    return {
      async taskConfigs() {
        await hangIf(config, 'task-configs')
        context.log.info('configures its task')
        return [config.raw]
      },
      async [Symbol.asyncDispose]() {
        await hangIf(config, 'stop')
      },
    }
  },
  task: (config) => ({
    async poll(signal) {
      hangIf(config, 'task')
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      return null
    },
    async [Symbol.asyncDispose]() {},
  }),
})

export const hangingPlugins: readonly PluginDescriptor[] = descriptorsOf(
  { Hanging },
  import.meta.url,
  'classpath',
)
