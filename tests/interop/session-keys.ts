import { createHmac } from 'node:crypto'
import { openCluster, openCompactedLog } from '@isthmus/kafka'

interface Key {
  readonly key: Buffer
  readonly createdMs: number
}

/** The keys with which the workers of a group sign what they ask of each other, as they come in its config topic. */
export interface SessionKeys extends AsyncDisposable {
  all(): readonly Key[]
}

export async function openSessionKeys(bootstrapServers: string, topic: string): Promise<SessionKeys> {
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(openCluster({ 'bootstrap.servers': bootstrapServers }))
  const all: Key[] = []
  const apply = ({ key, value }: { readonly key: Buffer | null; readonly value: Buffer | null }) => {
    if (key?.toString() !== 'session-key' || value === null) return
    const read = JSON.parse(value.toString()) as { key: string; 'creation-timestamp': number }
    all.push({ key: Buffer.from(read.key, 'base64'), createdMs: read['creation-timestamp'] })
  }
  stack.use(await openCompactedLog(cluster, {}, { topic, apply }))
  const owned = stack.move()
  return { all: () => all, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

export const signatureOf = (key: Key | undefined, body: string): string =>
  createHmac('sha256', key?.key ?? '')
    .update(body)
    .digest('base64')
