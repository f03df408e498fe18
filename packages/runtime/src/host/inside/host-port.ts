import type { Logger } from '../../log/log.ts'
import type { KafkaClients } from '../../task/kafka.ts'
import type { Meter } from '../../task/meter.ts'
import type { Ask } from '../conversation.ts'
import type { InstanceState, Questions } from '../messages.ts'

/** What an instance can say to the main thread, and what its host lends it. */
export interface HostPort {
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
  /** What the work of a task is counted by. */
  readonly meter: Meter
  readonly kafka: () => Promise<KafkaClients>
}
