import {
  atLeast,
  type ConfigDef,
  ConnectError,
  nonEmptyString,
  oneOf,
  type Props,
  parseConfig,
} from '@isthmus/sdk'
import { clientLimitsDef } from './client-limits.ts'
import { workerHostsDef } from './hosts.ts'
import { restDef } from './rest.ts'

/** Properties of every worker, as Java's `WorkerConfig`, and those that only Isthmus has. */
export const workerDef = {
  'bootstrap.servers': {
    type: 'list',
    importance: 'high',
    doc: 'The brokers to ask first, host:port, separated by commas. The others are learnt from them.',
  },
  'client.dns.lookup': {
    type: 'string',
    default: 'use_all_dns_ips',
    validate: oneOf('use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'),
    importance: 'medium',
    doc: 'How a bootstrap host name with several addresses is used.',
  },
  'key.converter': {
    type: 'class',
    importance: 'high',
    doc: 'Converts record keys between Connect data and the bytes in Kafka, unless a connector names its own.',
  },
  'key.converter.plugin.version': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Version of the key converter; the newest when absent.',
  },
  'value.converter': {
    type: 'class',
    importance: 'high',
    doc: 'Converts record values between Connect data and the bytes in Kafka, unless a connector names its own.',
  },
  'value.converter.plugin.version': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Version of the value converter; the newest when absent.',
  },
  'header.converter': {
    type: 'class',
    default: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    importance: 'low',
    doc: 'Converts header values between Connect data and the bytes in Kafka, unless a connector names its own.',
  },
  'header.converter.plugin.version': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Version of the header converter; the newest when absent.',
  },
  'task.shutdown.graceful.timeout.ms': {
    type: 'long',
    default: 5000,
    importance: 'low',
    doc: 'How long tasks together may take to finish what is in flight when they stop. After it they are ended by force.',
  },
  'offset.flush.interval.ms': {
    type: 'long',
    default: 60_000,
    importance: 'low',
    doc: 'How often tasks commit their offsets.',
  },
  'offset.flush.timeout.ms': {
    type: 'long',
    default: 5000,
    importance: 'low',
    doc: 'How long a commit of offsets may take before it is given up and tried again at the next interval.',
  },
  'plugin.path': {
    type: 'list',
    default: null,
    importance: 'low',
    doc: 'Folders of plugins, folders of one plugin, and files that are one, separated by commas. A plugin folder has a package.json with an entry, or an index.ts or index.js.',
  },
  'plugin.path.watch.enable': {
    type: 'boolean',
    default: 'false',
    importance: 'low',
    doc: 'Isthmus only: whether the folders of plugin.path are watched, and scanned again when something in them changes, as POST /connector-plugins/rescan does. What runs keeps its code until it is restarted.',
  },
  'plugin.exclude': {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'Isthmus only: classes or aliases of plugins that this worker is not to have, those that come with it among them.',
  },
  'plugin.discovery': {
    type: 'string',
    default: 'hybrid_warn',
    importance: 'low',
    validate: (value) =>
      ['only_scan', 'hybrid_warn', 'hybrid_fail', 'service_load'].includes(String(value).toLowerCase())
        ? null
        : 'Invalid plugin.discovery value, must be one of [ONLY_SCAN, HYBRID_WARN, HYBRID_FAIL, SERVICE_LOAD]',
    doc: 'Accepted for the sake of existing files; plugins are always found by scanning.',
  },
  'config.providers': {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'Names of the providers that replace variables in configurations.',
  },
  'connector.client.config.override.policy': {
    type: 'string',
    default: 'All',
    importance: 'medium',
    doc: 'Which Kafka client properties a connector may override: All, None, Principal or Allowlist.',
  },
  'connector.client.config.override.allowlist': {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'The client properties that the Allowlist policy allows.',
  },
  ...clientLimitsDef,
  'topic.creation.enable': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    doc: 'Whether source connectors may have topics created by their topic.creation properties.',
  },
  'topic.tracking.enable': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    doc: 'Whether the topics that connectors use are recorded.',
  },
  'topic.tracking.allow.reset': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    doc: 'Whether users may reset the recorded topics of a connector.',
  },
  'metrics.sample.window.ms': {
    type: 'long',
    default: 30_000,
    validate: atLeast(0),
    importance: 'low',
    doc: 'The window over which rates and maxima are computed.',
  },
  'metrics.num.samples': {
    type: 'int',
    default: 2,
    validate: atLeast(1),
    importance: 'low',
    doc: 'How many windows rates and maxima cover.',
  },
  'metrics.recording.level': {
    type: 'string',
    default: 'INFO',
    validate: oneOf('INFO', 'DEBUG', 'TRACE'),
    importance: 'low',
    doc: 'How much is measured.',
  },
  ...restDef,
  ...workerHostsDef,
} satisfies ConfigDef

export const standaloneDef = {
  ...workerDef,
  'offset.storage.file.filename': {
    type: 'string',
    importance: 'high',
    validate: nonEmptyString,
    doc: 'The file in which the offsets of source connectors are kept.',
  },
} satisfies ConfigDef

export type WorkerConfig = ReturnType<typeof parseWorker>
export type StandaloneConfig = ReturnType<typeof parseStandalone>

export const parseWorker = (props: Props) => parseConfig(workerDef, checkedWorker(props))
export const parseStandalone = (props: Props) => parseConfig(standaloneDef, checkedWorker(props))

/** Java trims values only when it parses them; a value that is nothing but spaces would otherwise count as set. */
export function checkedWorker(props: Props): Props {
  const servers = props['bootstrap.servers']
  if (servers !== undefined && servers.trim() === '')
    throw new ConnectError(
      'config',
      "Configuration 'bootstrap.servers' must not be empty. Valid values include: any non-empty value",
    )
  const path = props['plugin.path']
  if (path?.split(',').some((folder) => folder.trim() === ''))
    throw new ConnectError(
      'config',
      path.trim() === ''
        ? "Configuration 'plugin.path' must not be empty. Valid values include: any non-empty value"
        : "Configuration 'plugin.path' values must not be empty.",
    )
  return props
}

/** The worker's id in statuses: the address it advertises. */
export function workerId(config: WorkerConfig, hostName: string): string {
  const first = (config.listeners ?? [])[0] ?? ''
  const [, host = '', port = ''] = /^[a-zA-Z]+:\/\/(.*):(\d+)\/?$/.exec(first) ?? []
  const named = host.replace(/^\[(.*)\]$/, '$1')
  return `${config['rest.advertised.host.name'] ?? (named === '' ? hostName : named)}:${config['rest.advertised.port'] ?? (port || 8083)}`
}
