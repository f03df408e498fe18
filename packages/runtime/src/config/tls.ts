import { type ConfigDef, validList } from '@isthmus/sdk'

/**
 * TLS of listeners, and of the worker's Kafka clients unless their prefixes say otherwise. Listeners take those under
 * `listeners.https.` alone if there are any.
 */
export const tlsDef = {
  'ssl.protocol': {
    type: 'string',
    default: 'TLSv1.3',
    importance: 'medium',
    doc: 'Accepted for the sake of existing files; ssl.enabled.protocols decides.',
  },
  'ssl.provider': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Accepted for the sake of existing files; a JVM has providers.',
  },
  'ssl.cipher.suites': {
    type: 'list',
    default: '',
    validate: validList(),
    importance: 'low',
    doc: 'The cipher suites that may be used; the usual ones when empty.',
  },
  'ssl.enabled.protocols': {
    type: 'list',
    default: 'TLSv1.2,TLSv1.3',
    validate: validList(),
    importance: 'medium',
    doc: 'The protocol versions that may be used.',
  },
  'ssl.keystore.type': {
    type: 'string',
    default: 'JKS',
    importance: 'medium',
    doc: 'Of the key store: JKS, PKCS12 or PEM.',
  },
  'ssl.keystore.location': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'The key store file, with a private key and its certificates.',
  },
  'ssl.keystore.password': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'Of the key store. Not for PEM.',
  },
  'ssl.key.password': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'Of the private key, when it is encrypted.',
  },
  'ssl.keystore.key': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'The private key itself, in PEM, instead of a file.',
  },
  'ssl.keystore.certificate.chain': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'The certificates of that key, in PEM, its own first.',
  },
  'ssl.truststore.certificates': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'Trusted certificates, in PEM, instead of a file.',
  },
  'ssl.truststore.type': {
    type: 'string',
    default: 'JKS',
    importance: 'medium',
    doc: 'Of the trust store: JKS, PKCS12 or PEM.',
  },
  'ssl.truststore.location': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'The trust store file. Without one, the authorities that Node trusts.',
  },
  'ssl.truststore.password': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'Of the trust store. Not for PEM.',
  },
  'ssl.keymanager.algorithm': {
    type: 'string',
    default: 'SunX509',
    importance: 'low',
    doc: 'Accepted for the sake of existing files; it is of a JVM.',
  },
  'ssl.trustmanager.algorithm': {
    type: 'string',
    default: 'PKIX',
    importance: 'low',
    doc: 'Accepted for the sake of existing files; it is of a JVM.',
  },
  'ssl.endpoint.identification.algorithm': {
    type: 'string',
    default: 'https',
    importance: 'low',
    doc: 'How a client makes sure that a certificate names the host it asked for: https, or empty for not at all.',
  },
  'ssl.secure.random.implementation': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Accepted for the sake of existing files; it is of a JVM.',
  },
  'ssl.engine.factory.class': {
    type: 'class',
    default: null,
    importance: 'low',
    doc: "Classes of one's own are not supported.",
  },
} satisfies ConfigDef
