import { clientOptions } from '@isthmus/kafka'
import { ConnectError, type Props } from '@isthmus/sdk'
import { workerClientProps } from '../config/clients.ts'
import type { Logger } from '../log/log.ts'
import { clientLogs, type KafkaClients } from '../task/kafka.ts'
import { delay } from '../waiting.ts'

const PAUSE_MS = 500

/**
 * Asks the brokers who they are: wrong addresses and credentials show here, in one line. As Java's worker it waits for brokers that are
 * still starting, for `default.api.timeout.ms`, and says so. Rejects with the reason of `signal` when that aborts.
 */
export async function describeCluster(
  kafka: KafkaClients,
  worker: Props,
  named: (logger: string) => Logger,
  logger: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const props = workerClientProps(worker, 'connect-shared-admin')
  const log = named(logger)
  const patienceMs = clientOptions(props)['default.api.timeout.ms']
  const deadline = Date.now() + patienceMs
  await using cluster = kafka.openCluster(props, clientLogs(named))
  for (let attempt = 0; ; attempt++) {
    try {
      return (await cluster.nodes(signal)).clusterId
    } catch (cause) {
      signal?.throwIfAborted()
      const { message, retriable } = cause as { message: string; retriable?: boolean }
      const where = `bootstrap.servers=${worker['bootstrap.servers']}: ${message}`
      if (retriable !== true || Date.now() + PAUSE_MS >= deadline)
        throw new ConnectError(
          'connect',
          `Failed to connect to and describe Kafka cluster. Check worker's broker connection and security properties. (${where})`,
          { cause },
        )
      if (attempt === 0)
        log.warn(`No broker answers yet; trying for ${Math.round(patienceMs / 1000)} s (${where})`)
    }
    await delay(PAUSE_MS, signal)
    signal?.throwIfAborted()
  }
}
