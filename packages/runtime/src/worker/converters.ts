import { type Converter, type Props, systemClock, type TaskLog } from '@isthmus/sdk'
import { openLent } from '../plugins/shared.ts'
import { openConverter } from '../task/stages/codec.ts'
import { scanPlugins } from './plugins.ts'

/** A converter that is used outside of a worker, with the class that it turned out to be. */
export interface NamedConverter {
  readonly converter: Converter
  readonly class: string
}

/** What opens converters for a command that shows records or writes some: the command's own process runs their code. */
export interface Converters extends AsyncDisposable {
  /** `name` is a class or an alias. Rejects when there is none of that name, or it cannot be had with these properties. */
  open(role: 'key' | 'value', name: string, props: Props): Promise<NamedConverter>
}

export interface ConvertersOptions {
  /** As `plugin.path` of a worker; null: what comes with every worker. */
  readonly path: readonly string[] | null
  readonly log: TaskLog
  readonly signal: AbortSignal
}

/** Looks through the plugins once. Disposing it disposes of what was opened. */
export async function openConverters({ path, log, signal }: ConvertersOptions): Promise<Converters> {
  const { plugins, warnings } = await scanPlugins({ 'plugin.path': path, 'plugin.exclude': [] }, { signal })
  for (const warning of warnings) log.warn(warning)
  const stack = new AsyncDisposableStack()
  const { shared } = stack.use(openLent())
  const opened = stack.use(new AsyncDisposableStack())
  const ended = new AbortController()
  stack.defer(() => ended.abort())
  const context = {
    connector: '',
    task: 0,
    log,
    shared,
    clock: systemClock,
    signal: AbortSignal.any([signal, ended.signal]),
  }
  const contexts = { contextOf: () => context, opened }
  return {
    async open(role, name, props) {
      const property = `${role}.converter`
      const own = Object.entries(props).map(([key, value]) => [`${property}.${key}`, value])
      const worker = { [property]: name, ...Object.fromEntries(own) }
      const { converter, executing } = await openConverter(role, {}, worker, plugins, contexts)
      opened.defer(async () => converter[Symbol.asyncDispose]?.())
      return { converter, class: executing }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
