import type { SourceOffset, SourcePartition } from '@isthmus/sdk'
import type { Logger } from '../log.ts'
import { decodeFlat, encodeFlat } from '../store/offset-bytes.ts'
import type { PartitionAndOffset } from '../store/stores.ts'
import type { Ask } from './ask.ts'
import type { KafkaClients } from './kafka.ts'
import type { InstanceState, Questions } from './messages.ts'

/** What an instance can say to the main thread, and what its host lends it. */
export interface Outlet {
  readonly ask: Ask<Questions>
  state(state: InstanceState, error?: unknown): void
  reconfigure(): void
  /** Variables of the config have other values now. */
  reload(): void
  alive(): void
  /** For every batch; it is told now and then only. */
  topicUsed(topic: string): void
  /** Of the plugin that runs; shown with every state. */
  version(version: string | null): void
  /** Under Java's logger names. */
  logger(name: string, context: string): Logger
  readonly kafka: () => Promise<KafkaClients>
}

export async function readOffsets(
  { ask }: Pick<Outlet, 'ask'>,
  partitions: readonly SourcePartition[],
): Promise<readonly (SourceOffset | null)[]> {
  const texts = await ask('offsets', partitions.map(encodeFlat))
  return texts.map((text) => (text === null ? null : decodeFlat(text)))
}

export const storeOffsets = (
  { ask }: Pick<Outlet, 'ask'>,
  offsets: readonly PartitionAndOffset[],
): Promise<null> =>
  ask(
    'store-offsets',
    offsets.map(([partition, offset]) => [encodeFlat(partition), offset && encodeFlat(offset)] as const),
  )
