import type { Props } from '@isthmus/sdk'
import type { WorkerConfig } from '../config/worker.ts'
import type { HostPort } from '../host/inside/host-port.ts'
import type { TaskSpec } from '../host/messages.ts'
import type { Logger } from '../log/log.ts'
import type { Control } from './control.ts'
import type { KafkaClients } from './kafka.ts'

/** What the tasks of sources and sinks are opened with alike. */
export interface TaskParts {
  readonly spec: TaskSpec
  /** Variables replaced. */
  readonly connectorProps: Props
  readonly taskProps: Props
  readonly workerConfig: WorkerConfig
  readonly hostPort: HostPort
  readonly control: Control
  readonly kafka: KafkaClients
  readonly stack: AsyncDisposableStack
  readonly log: Logger
  readonly context: string
}
