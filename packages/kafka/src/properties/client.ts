import {
  boolean,
  type ClientProps,
  double,
  int,
  list,
  long,
  type OptionsOf,
  oneOf,
  oneOfAnyCase,
  parseProperties,
  short,
  string,
} from './types.ts'

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
  'security.protocol': oneOfAnyCase('PLAINTEXT', 'SASL_SSL', 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT'),
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
  'metadata.recovery.strategy': oneOfAnyCase('rebootstrap', 'rebootstrap', 'none'),
  'metadata.recovery.rebootstrap.trigger.ms': long(300_000, { min: 0 }),
} as const
export type ClientOptions = OptionsOf<typeof clientProperties>
export const clientOptions = (props: ClientProps): ClientOptions => parseProperties(clientProperties, props)

/** SASL, as Java's `SaslConfigs`. Looked at only when `security.protocol` asks for security. */
export const saslProperties = {
  'sasl.mechanism': string('GSSAPI'),
  'sasl.jaas.config': string(null),
  'sasl.login.connect.timeout.ms': int(10_000),
  'sasl.login.read.timeout.ms': int(10_000),
  'sasl.login.retry.backoff.ms': long(100),
  'sasl.login.retry.backoff.max.ms': long(10_000),
  'sasl.login.refresh.window.factor': double(0.8, { min: 0.5, max: 1 }),
  'sasl.login.refresh.window.jitter': double(0.05, { min: 0, max: 0.25 }),
  'sasl.login.refresh.min.period.seconds': short(60, { min: 0, max: 900 }),
  'sasl.login.refresh.buffer.seconds': short(300, { min: 0, max: 3600 }),
  'sasl.oauthbearer.token.endpoint.url': string(null),
  'sasl.oauthbearer.client.credentials.client.id': string(null),
  'sasl.oauthbearer.client.credentials.client.secret': string(null),
  'sasl.oauthbearer.scope': string(null),
  'sasl.oauthbearer.scope.claim.name': string('scope'),
  'sasl.oauthbearer.sub.claim.name': string('sub'),
  'sasl.oauthbearer.header.urlencode': boolean(false),
} as const
export type SaslOptions = OptionsOf<typeof saslProperties>
export const saslOptions = (props: ClientProps): SaslOptions => parseProperties(saslProperties, props)
