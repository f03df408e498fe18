import { openApacheKafka } from '../apache/apache.ts'
import { openBrokerProcess } from '../process/isthmus.ts'
import type { TempDir } from '../process/temp-dir.ts'

/** How often the broker looks for what it can compact: soon enough for gaps to be there when the backup begins. */
const PROPS = { 'log.cleaner.backoff.ms': '200' } as const

/** A broker of the play's own. */
export const openPlayBroker = (
  kind: 'embedded' | 'apache',
  dir: TempDir,
): Promise<AsyncDisposable & { readonly bootstrapServers: string }> =>
  kind === 'apache' ? openApacheKafka(PROPS) : openBrokerProcess(dir.at('broker'), PROPS)
