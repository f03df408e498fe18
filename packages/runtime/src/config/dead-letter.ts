import type { ConfigDef, ConfigOf } from '@isthmus/sdk'
import { ERRORS } from './connector.ts'

/** Of sinks in Java; here of sources as well. */
export const deadLetterDef = {
  'errors.deadletterqueue.topic.name': {
    type: 'string',
    default: '',
    importance: 'medium',
    group: ERRORS,
    order: 6,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Name',
    doc: 'The topic for records that could not be processed; none when empty.',
  },
  'errors.deadletterqueue.topic.replication.factor': {
    type: 'short',
    default: 3,
    importance: 'medium',
    group: ERRORS,
    order: 7,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Replication Factor',
    doc: 'Replication factor of that topic when it has to be created.',
  },
  'errors.deadletterqueue.context.headers.enable': {
    type: 'boolean',
    default: 'false',
    importance: 'medium',
    group: ERRORS,
    order: 8,
    width: 'medium',
    displayName: 'Enable Error Context Headers',
    doc: 'Whether records in the dead letter queue get headers that tell what failed.',
  },
} satisfies ConfigDef

export type DeadLetterConfig = ConfigOf<typeof deadLetterDef>
