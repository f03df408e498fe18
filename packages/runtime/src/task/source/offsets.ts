import { ownOffsetsTopic } from '../../config/source.ts'
import type { HostPort } from '../../host/inside/host-port.ts'
import { decodeEntries, decodeFlat, encodeEntries, encodeFlat } from '../../store/offsets/bytes.ts'
import type { OffsetStore } from '../../store/stores.ts'
import type { SourceOffsetsParts } from './own-offsets.ts'

/**
 * The offsets of a source connector: its worker keeps them, or a topic of the connector's own (`offsets.storage.topic`, KIP-618).
 * Resolves when that has been read.
 */
export async function openSourceOffsets(parts: SourceOffsetsParts): Promise<OffsetStore> {
  const topic = ownOffsetsTopic(parts.connectorProps, parts.spec.worker.groupId)
  const withWorker = workerOffsets(parts.hostPort)
  if (topic === null) return withWorker
  // most connectors never need it
  const { openOwnOffsets } = await import('./own-offsets.ts')
  return openOwnOffsets(topic, parts, withWorker)
}

/** What the worker keeps for this connector: it knows which one asks. */
const workerOffsets = ({ ask }: Pick<HostPort, 'ask'>): OffsetStore => ({
  async read(_connector, partitions) {
    const texts = await ask('offsets', partitions.map(encodeFlat))
    return texts.map((text) => (text === null ? null : decodeFlat(text)))
  },
  async write(_connector, offsets) {
    await ask('store-offsets', encodeEntries(offsets))
  },
  async all() {
    return decodeEntries(await ask('all-offsets', null))
  },
  async [Symbol.asyncDispose]() {},
})

/** Opened when they are first asked for, which few connectors do. */
export function sourceOffsetsOnDemand(
  parts: SourceOffsetsParts,
): Pick<OffsetStore, 'read'> & AsyncDisposable {
  const closing = new AbortController()
  let opening: Promise<OffsetStore> | null = null
  return {
    async read(connector, partitions) {
      opening ??= openSourceOffsets({ ...parts, signal: closing.signal })
      const one = opening
      const store = await one.catch((error) => {
        // the next question tries again
        if (opening === one) opening = null
        throw error
      })
      return store.read(connector, partitions)
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      const store = await opening?.catch(() => null)
      await store?.[Symbol.asyncDispose]()
    },
  }
}
