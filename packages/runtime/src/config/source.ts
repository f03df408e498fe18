import { type ConfigDef, nonEmptyString, oneOfIgnoringCase, type Props, parseConfig } from '@isthmus/sdk'
import { aliases, connectorDef } from './connector.ts'
import { deadLetterDef } from './dead-letter.ts'

const EXACTLY_ONCE = 'Exactly Once Support'

/** Properties of every source connector, as Java's `SourceConnectorConfig`. */
export const sourceDef = {
  ...connectorDef,
  ...deadLetterDef,
  'topic.creation.groups': {
    type: 'list',
    default: '',
    importance: 'low',
    group: 'Topic Creation',
    order: 1,
    width: 'long',
    displayName: 'Topic Creation Groups',
    validate: aliases,
    doc: 'Groups of configurations for topics created by source connectors.',
  },
  'exactly.once.support': {
    type: 'string',
    default: 'requested',
    validate: oneOfIgnoringCase('required', 'requested'),
    importance: 'medium',
    group: EXACTLY_ONCE,
    order: 2,
    width: 'short',
    displayName: 'Exactly once support',
    doc: 'required: the connector is refused where records cannot be delivered exactly once; requested: it runs all the same.',
  },
  'transaction.boundary': {
    type: 'string',
    default: 'poll',
    validate: oneOfIgnoringCase('interval', 'poll', 'connector'),
    importance: 'medium',
    group: EXACTLY_ONCE,
    order: 3,
    width: 'short',
    displayName: 'Transaction Boundary',
    doc: 'Which records share a transaction: those of a poll, of an interval, or as the connector says.',
  },
  'transaction.boundary.interval.ms': {
    type: 'long',
    default: null,
    validate: (value) => (value !== null && Number(value) < 0 ? 'Value must be at least 0' : null),
    importance: 'low',
    group: EXACTLY_ONCE,
    order: 4,
    width: 'short',
    displayName: 'Transaction boundary interval',
    doc: "How often transactions end where transaction.boundary is interval; the worker's offset.flush.interval.ms when absent.",
  },
  'offsets.storage.topic': {
    type: 'string',
    default: null,
    validate: nonEmptyString,
    importance: 'low',
    group: 'offsets.topic',
    order: 1,
    width: 'long',
    displayName: 'Offsets topic',
    doc: "A topic of its own for the connector's offsets, of which the worker's topic gets a copy. A worker on its own ignores it.",
  },
} satisfies ConfigDef

export const parseSource = (props: Props) => parseConfig(sourceDef, props)

/** The topic in which a source connector keeps its offsets; null where its worker keeps them, as one without a group always does. */
export function ownOffsetsTopic(
  props: { readonly [name: string]: string | null },
  groupId: string | undefined,
): string | null {
  const topic = (props['offsets.storage.topic'] ?? '').trim()
  return groupId === undefined || topic === '' ? null : topic
}
