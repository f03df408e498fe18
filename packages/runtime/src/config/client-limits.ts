import { isAbsolute, resolve, sep } from 'node:path'
import { loginModuleOf } from '@isthmus/kafka/jaas-tokens'
import type { ConfigDef, Props } from '@isthmus/sdk'

/** Where Java has system properties; here the worker's file may hold them too. One of `KAFKA_OPTS` counts before it. */
const ALLOWED_URLS = 'org.apache.kafka.sasl.oauthbearer.allowed.urls'
const ALLOWED_MODULES = 'org.apache.kafka.allowed.login.modules'
const DISALLOWED_MODULES = 'org.apache.kafka.disallowed.login.modules'
const ALLOWED_PATHS = 'connector.client.allowed.paths'
const DISALLOWED_BY_DEFAULT =
  'com.sun.security.auth.module.JndiLoginModule,com.sun.security.auth.module.LdapLoginModule'

/** What the clients of connectors may be made to read and open by whoever configures them. The worker's own clients are the operator's. */
export const clientLimitsDef = {
  [ALLOWED_URLS]: {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'The URLs that connectors may name as sasl.oauthbearer.token.endpoint.url, files among them, letter for letter. None when absent.',
  },
  [ALLOWED_MODULES]: {
    type: 'list',
    default: null,
    importance: 'medium',
    doc: 'The login modules that connectors may name in sasl.jaas.config; those that are not disallowed when absent.',
  },
  [DISALLOWED_MODULES]: {
    type: 'list',
    default: DISALLOWED_BY_DEFAULT,
    importance: 'low',
    doc: 'The login modules that connectors may not name in sasl.jaas.config. Has no effect beside a list of those that they may.',
  },
  [ALLOWED_PATHS]: {
    type: 'list',
    default: null,
    importance: 'medium',
    validate: (value) => {
      const relative = ((value ?? []) as readonly string[]).find((path) => path !== '' && !isAbsolute(path))
      return relative === undefined ? null : `Path ${relative} is not absolute`
    },
    doc: 'Isthmus only: absolute paths in or below which the key and trust stores must be that connectors name for their clients. Any when absent, none when empty.',
  },
} as const satisfies ConfigDef

/** Why a connector may not give one of its clients this property; null: it may. In the words of Java's clients, where they have any. */
export function refusalOf(key: string, value: string, worker: Props): string | null {
  const given = value.trim()
  switch (key) {
    case 'sasl.oauthbearer.token.endpoint.url':
      if (given === '' || listed(worker[ALLOWED_URLS] ?? '').includes(given)) return null
      return `Invalid value ${withoutUser(given)} for configuration ${key}: The URL cannot be accessed due to restrictions. Update the system property '${ALLOWED_URLS}' to allow the URL to be accessed.`
    case 'sasl.jaas.config':
      return moduleRefusal(loginModuleOf(value), worker)
    case 'ssl.keystore.location':
    case 'ssl.truststore.location':
      return pathRefusal(key, given, worker[ALLOWED_PATHS])
    default:
      return null
  }
}

function moduleRefusal(module: string | null, worker: Props): string | null {
  // what names none is refused by the client
  if (module === null) return null
  const allowed = worker[ALLOWED_MODULES]
  if (allowed !== undefined)
    return listed(allowed).includes(module)
      ? null
      : `${module} is not allowed. Update System property '${ALLOWED_MODULES}' to allow ${module}`
  if (!listed(worker[DISALLOWED_MODULES] ?? DISALLOWED_BY_DEFAULT).includes(module)) return null
  return `${module} is not allowed. The system property '${DISALLOWED_MODULES}' is deprecated. Use the ${ALLOWED_MODULES} to allow this module. e.g.,-D${ALLOWED_MODULES}=${module}`
}

function pathRefusal(key: string, location: string, paths: string | undefined): string | null {
  if (location === '' || paths === undefined) return null
  const wanted = resolve(location)
  const allowed = listed(paths)
    .filter((path) => path !== '')
    .map((path) => resolve(path))
  if (allowed.some((path) => wanted === path || wanted.startsWith(path.endsWith(sep) ? path : path + sep)))
    return null
  return `Invalid value ${location} for configuration ${key}: The file is in no folder that the worker's ${ALLOWED_PATHS} names.`
}

/** Before the @ may be a password. */
const withoutUser = (url: string) => url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1…@')

const listed = (text: string): readonly string[] => text.split(',').map((one) => one.trim())
