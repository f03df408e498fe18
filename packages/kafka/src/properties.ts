import {
  boolean,
  type ClientProps,
  int,
  list,
  long,
  type OptionsOf,
  oneOf,
  oneOfAnyCase,
  parseProperties,
  string,
} from './property-types.ts'

/** What every client understands: names and defaults of Java's `CommonClientConfigs`. */
export const clientProperties = {
  'bootstrap.servers': list([]),
  'client.id': string(''),
  'client.rack': string(''),
  'client.dns.lookup': oneOf(
    'use_all_dns_ips',
    'use_all_dns_ips',
    'resolve_canonical_bootstrap_servers_only',
  ),
  'security.protocol': oneOfAnyCase('PLAINTEXT', 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'),
  'request.timeout.ms': int(30_000, { min: 0 }),
  'default.api.timeout.ms': int(60_000, { min: 0 }),
  'connections.max.idle.ms': long(540_000),
  'socket.connection.setup.timeout.ms': long(10_000),
  'socket.connection.setup.timeout.max.ms': long(30_000),
  'reconnect.backoff.ms': long(50, { min: 0 }),
  'reconnect.backoff.max.ms': long(1_000, { min: 0 }),
  'retry.backoff.ms': long(100, { min: 0 }),
  'retry.backoff.max.ms': long(1_000, { min: 0 }),
  'metadata.max.age.ms': long(300_000, { min: 0 }),
  'metadata.recovery.strategy': oneOfAnyCase('rebootstrap', 'none', 'rebootstrap'),
  'metadata.recovery.rebootstrap.trigger.ms': long(300_000, { min: 0 }),
  'allow.auto.create.topics': boolean(true),
} as const
export type ClientOptions = OptionsOf<typeof clientProperties>
export const clientOptions = (props: ClientProps): ClientOptions => parseProperties(clientProperties, props)
