import type { PartitionOffset } from '@isthmus/kafka'
import type { ConnectorOffsets, OffsetMap } from '@isthmus/rest-api'
import { ConnectError, type Props } from '@isthmus/sdk'
import type { ConfiguredConnector } from '../state/snapshot.ts'
import { encodeFlat } from '../store/offsets/bytes.ts'
import type { WorkerCore } from './core.ts'
import type { Herder } from './herder.ts'
import type { HerderParts } from './herder-parts.ts'
import { allForgotten, groupOffsetsOf, messageOfChange, refusedByGroup, sourceChangesOf } from './offsets.ts'
import { configuredOf, typeOf } from './views.ts'

/** Reading and changing the offsets of connectors, in Java's order of checks (KIP-875). Who may change them is the herder's affair. */
export function offsetRequests(
  core: WorkerCore,
  { checks, groupOffsets }: Pick<HerderParts, 'checks' | 'groupOffsets'>,
): Pick<Herder, 'offsets' | 'alterOffsets' | 'resetOffsets'> {
  const { offsets, configs } = core.stores
  const { snapshot } = configs
  const isSink = (configured: ConfiguredConnector) => typeOf(configured, core.facts().plugins) === 'sink'

  const storeOf = (name: string, config: Props) => checks.ownOffsets(name, config) ?? offsets

  const changeSource = async (
    name: string,
    config: Props,
    changes: ReturnType<typeof sourceChangesOf>,
  ): Promise<boolean> => {
    const flat = changes.map(
      ([partition, offset]) => [partition && encodeFlat(partition), offset && encodeFlat(offset)] as const,
    )
    const known = await checks.alterOffsets(name, config, { type: 'source', offsets: flat })
    await storeOf(name, config).write(
      name,
      changes.map(([partition, offset]) => [partition ?? {}, offset] as const),
    )
    return known
  }
  /** Of a connector whose tasks are gone for certain. */
  const stoppedConnector = (name: string): ConfiguredConnector => {
    const configured = configuredOf(snapshot(), name)
    if (configured.target !== 'STOPPED' || configured.tasks.length > 0)
      throw new ConnectError(
        'bad-request',
        `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
      )
    return configured
  }
  const groupOf = async (name: string, config: Props) => {
    try {
      return await groupOffsets(name, config).read()
    } catch (cause) {
      const message = `Failed to retrieve consumer group offsets for sink connector ${name}`
      throw new ConnectError('connect', message, { cause })
    }
  }
  const refused = (name: string, verb: 'alter' | 'reset') => (error: unknown) => {
    throw refusedByGroup(error, name, verb)
  }

  return {
    async offsets(name) {
      const configured = configuredOf(snapshot(), name)
      if (isSink(configured)) return shown(await groupOf(name, configured.config))
      const all = await storeOf(name, configured.config).all(name)
      return {
        offsets: all.map(([partition, offset]) => ({
          partition: partition as OffsetMap,
          offset: offset as OffsetMap,
        })),
      }
    },
    async alterOffsets(name, changes) {
      const configured = stoppedConnector(name)
      const { config } = configured
      if (!isSink(configured))
        return messageOfChange(await changeSource(name, config, sourceChangesOf(changes)), 'altered')
      const wanted = groupOffsetsOf(changes)
      const known = await checks.alterOffsets(name, config, { type: 'sink', offsets: wanted })
      await groupOffsets(name, config).alter(wanted).catch(refused(name, 'alter'))
      return messageOfChange(known, 'altered')
    },
    async resetOffsets(name) {
      const configured = stoppedConnector(name)
      const { config } = configured
      if (!isSink(configured))
        return messageOfChange(
          await changeSource(name, config, await allForgotten(storeOf(name, config), name)),
          'reset',
        )
      const all = await groupOf(name, config)
      const forgotten = all.map((one) => ({ ...one, offset: null }))
      const known = await checks.alterOffsets(name, config, { type: 'sink', offsets: forgotten })
      await groupOffsets(name, config).delete().catch(refused(name, 'reset'))
      return messageOfChange(known, 'reset')
    },
  }
}

const shown = (offsets: readonly PartitionOffset[]): ConnectorOffsets => ({
  offsets: offsets.map(({ topic, partition, offset }) => ({
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: { kafka_offset: offset },
  })),
})
