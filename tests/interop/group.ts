import { youngJvm } from '../apache/apache.ts'
import { APACHE_VERSION } from '../apache/jars.ts'
import { newTopic } from '../process/file-copy.ts'
import { type GroupWorker, startWorker } from '../process/group-worker.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'
import { workerProps } from './files.ts'
import { answers } from './watch.ts'

type Props = { readonly [name: string]: string }
export type Kind = 'java' | 'isthmus'

/** Without a look at every class. */
const BY_MANIFEST = { 'plugin.discovery': 'service_load' }

/** A group for workers of both kinds, with topics and a folder of its own. Disposing kills those that are left. */
export interface MixedGroup extends AsyncDisposable {
  readonly id: string
  readonly dir: TempDir
  readonly bootstrapServers: string
  /** All that were started, dead or alive. */
  readonly workers: readonly GroupWorker[]
  /** Resolves when the worker is healthy; each is told the properties of the group, and `more`. */
  start(kind: Kind, more?: Props): Promise<GroupWorker>
}

/** `release`: of its Java workers. */
export async function openMixedGroup(
  bootstrapServers: string,
  common: Props = {},
  release = APACHE_VERSION,
): Promise<MixedGroup> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const id = newTopic()
  const props = workerProps(bootstrapServers, id, common)
  const workers: GroupWorker[] = []
  const owned = stack.move()
  return {
    id,
    dir,
    bootstrapServers,
    workers,
    async start(kind, more = {}) {
      const worker =
        kind === 'java'
          ? await startWorker.java(
              dir.at(kind),
              { ...props, ...BY_MANIFEST, ...more },
              { jvm: youngJvm, release },
            )
          : await startWorker.isthmus(dir.at(kind), { ...props, ...more })
      owned.use(worker)
      workers.push(worker)
      await answers(worker)
      return worker
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
