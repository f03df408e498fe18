import type { Cluster } from '@isthmus/kafka'
import { didYouMean } from '@isthmus/runtime/nearest'
import { ConnectError } from '@isthmus/sdk'

/** What is said of a topic that does not exist. */
export async function noTopic(cluster: Cluster, name: string, advice = ''): Promise<ConnectError> {
  const known = (await cluster.topics()).map((topic) => topic.name)
  const meant = didYouMean(name, known)
  const end = meant || (advice === '' ? '.' : `; ${advice}`)
  return new ConnectError('config', `Topic '${name}' does not exist${end}`)
}

/** What is said of a group that does not exist. */
export const noGroup = (name: string, known: readonly string[]): ConnectError =>
  new ConnectError('config', `Group '${name}' does not exist${didYouMean(name, known) || '.'}`)
