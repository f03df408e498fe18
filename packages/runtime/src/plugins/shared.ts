import { ConnectError, type PluginContext } from '@isthmus/sdk'

interface Shared {
  readonly value: Promise<unknown>
  users: number
}

/** What plugins of this thread share, by key. */
const values = new Map<string, Shared>()

/** What one user of the thread's shared values was lent: disposing it gives all of that back, and the last user's is disposed of. */
export interface Lent extends AsyncDisposable {
  readonly shared: PluginContext['shared']
}

export function openLent(): Lent {
  const stack = new AsyncDisposableStack()
  const mine = new Map<string, Promise<unknown>>()
  const lend = (key: string, open: () => unknown): Promise<unknown> => {
    // nobody would give it back
    if (stack.disposed)
      throw new ConnectError('state', `The task has ended: ${key} is not shared with it any more`)
    const known = mine.get(key)
    if (known !== undefined) return known
    const { value } = leased(key, open, stack)
    mine.set(key, value)
    value.catch(() => mine.delete(key))
    return value
  }
  return {
    shared: async (key, open) => (await lend(key, open)) as Awaited<ReturnType<typeof open>>,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** What could not be opened is forgotten: whoever asks next tries again. */
function leased(key: string, open: () => unknown, stack: AsyncDisposableStack): Shared {
  const shared = values.get(key) ?? { value: (async () => await open())(), users: 0 }
  const forget = () => values.get(key) === shared && values.delete(key)
  if (shared.users++ === 0) {
    values.set(key, shared)
    shared.value.catch(forget)
  }
  stack.defer(async () => {
    if (--shared.users === 0 && forget()) await disposed(await shared.value.catch(() => null))
  })
  return shared
}

async function disposed(value: unknown): Promise<void> {
  if (typeof value !== 'object' || value === null) return
  const held = value as Partial<AsyncDisposable & Disposable>
  await (held[Symbol.asyncDispose] ?? held[Symbol.dispose])?.call(held)
}
