import { type BrokerProcess, openBrokerProcess } from '../process/isthmus.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'

export interface Embedded extends Omit<BrokerProcess, 'pid'> {
  /** The test's own files; the broker's are in a folder of it. */
  readonly dir: TempDir
}

/** The embedded broker as a process of its own, with a data directory of its own. */
export async function openEmbedded(): Promise<Embedded> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const broker = stack.use(await openBrokerProcess(dir.at('broker')))
  const owned = stack.move()
  return {
    dir,
    bootstrapServers: broker.bootstrapServers,
    kill: broker.kill,
    start: broker.start,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
