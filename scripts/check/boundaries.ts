import { posix } from 'node:path'
import { importsOf, packageOf, type Source } from './sources.ts'

const typeImport = /import type [^;]*?from '[^']+'/g

/** Who may import whom; a package that is not named here may import the sdk. */
const mayImport: { readonly [name: string]: readonly string[] } = {
  protocol: [],
  sdk: [],
  'rest-api': [],
  tls: [],
  kafka: ['protocol', 'tls'],
  broker: ['protocol'],
  formats: ['sdk'],
  builtin: ['sdk'],
  storage: ['sdk', 'formats'],
  'connector-s3': ['sdk', 'storage'],
  'connector-hdfs': ['sdk', 'storage'],
  runtime: ['sdk', 'kafka', 'rest-api'],
  client: ['rest-api'],
  console: ['client', 'rest-api'],
  isthmus: ['runtime', 'rest-api', 'kafka', 'broker', 'console', 'sdk', 'tls'],
  testkit: ['sdk', 'client', 'formats', 'kafka', 'broker', 'isthmus'],
}

/** Within the runtime: the folders of its own, or single files of them, that a folder may import, beyond types. */
const runtimeFolders: { readonly [folder: string]: readonly string[] } = {
  text: [],
  log: ['text'],
  state: [],
  group: ['state'],
  store: ['state', 'log', 'text'],
  config: ['state', 'plugins', 'log', 'text', 'group/session-key.ts'],
  // a scan runs in processes as connectors do, and these end as theirs
  plugins: ['config', 'state', 'text', 'host/child.ts', 'host/node-options.ts', 'host/process-pipes.ts'],
  secrets: ['config', 'plugins', 'text', 'task/stages/chain.ts'],
  // of the stores, a task knows the form of an offset, and the one in which a connector keeps its own
  task: [
    'state',
    'config',
    'plugins',
    'log',
    'text',
    'secrets',
    'connector/task-configs.ts',
    'host/inside/output.ts',
    'store/offsets/bytes.ts',
    'store/offsets/kafka.ts',
    'store/offsets/layered.ts',
    'store/topic/setup.ts',
  ],
  connector: [
    'config',
    'plugins',
    'log',
    'text',
    'secrets',
    'checks/enriched.ts',
    'host/from-host.ts',
    'task/kafka-admin.ts',
    'task/source/offsets.ts',
  ],
  checks: ['config', 'plugins', 'log', 'text', 'secrets', 'store/offsets/bytes.ts', 'task/source/offsets.ts'],
  host: ['config', 'plugins', 'log', 'text', 'secrets', 'connector', 'checks', 'task'],
  instances: [
    'config',
    'plugins',
    'log',
    'text',
    'secrets',
    'host',
    'store/offsets/bytes.ts',
    'task/kafka.ts',
  ],
  herder: ['state', 'store', 'group', 'instances', 'plugins', 'config', 'log', 'text'],
}

export function checkBoundaries(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const owner = packageOf(source.path)
    if (owner === null || source.forTests) return []
    return [...packageFaults(source, owner), ...(owner === 'runtime' ? runtimeFaults(source) : [])]
  })
}

function packageFaults(source: Source, owner: string): string[] {
  const allowed = mayImport[owner] ?? ['sdk']
  const faults: string[] = []
  for (const specifier of source.imports) {
    const [, imported] =
      /^(?:@isthmus\/)?([^/]+)/.exec(/^(@isthmus\/|isthmus(\/|$))/.test(specifier) ? specifier : '') ?? []
    if (
      imported !== undefined &&
      imported !== owner &&
      !allowed.includes(imported) &&
      !locates(source, specifier)
    ) {
      faults.push(
        `${source.path}: imports ${specifier}; ${owner} may import ${allowed.join(', ') || 'nothing of ours'}`,
      )
    }
  }
  return faults
}

/** Plugins are located and then loaded inside a host: anyone may ask where one is. */
const locates = (source: Source, specifier: string): boolean =>
  source.text.includes(`import.meta.resolve('${specifier}')`) && !source.text.includes(`from '${specifier}'`)

function runtimeFaults(source: Source): string[] {
  const inner = /^packages\/runtime\/src\/(.+)$/.exec(source.path)?.[1] ?? ''
  const folder = inner.includes('/') ? (inner.split('/')[0] ?? '') : ''
  const allowed = runtimeFolders[folder]
  if (allowed === undefined) return []
  return importsOf(source.text.replaceAll(typeImport, ''))
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(inner), specifier))
    .filter((target) => target.includes('/') && !allowed.includes(target))
    .map((target) => target.split('/')[0] ?? '')
    .filter((target) => target !== folder && !allowed.includes(target))
    .map((target) => `${source.path}: ${folder} may not know ${target}`)
}
