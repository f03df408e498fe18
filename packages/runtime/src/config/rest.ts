import { type ConfigDef, oneOf, type Validator, validList } from '@isthmus/sdk'
import { parseHeaderRules } from './header-rules.ts'
import { tlsDef } from './tls.ts'

const EXAMPLE = 'ex: http://localhost:8080,https://localhost:8443.'

const urls: Validator = (value) => {
  if (!Array.isArray(value)) return null
  if (value.length === 0)
    return { message: `Invalid value for listeners, at least one URL is expected, ${EXAMPLE}` }
  return value.includes('') ? { message: 'Empty URL found when parsing listeners list.' } : null
}

const headerRules: Validator = (value) => {
  try {
    parseHeaderRules(String(value ?? ''))
    return null
  } catch (error) {
    return { message: (error as Error).message }
  }
}

/** Properties of the REST API, as Java's `RestServerConfig`. */
export const restDef = {
  listeners: {
    type: 'list',
    default: 'http://:8083',
    validate: Object.assign(urls, { description: `List of comma-separated URLs, ${EXAMPLE}` }),
    importance: 'low',
    doc: 'Addresses the REST API listens on, such as http://:8083 or https://host:8443. Without a host: every interface.',
  },
  'rest.host.name': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Before Kafka 3.0, the interface the REST API listens on. It counts where listeners is not set.',
  },
  'rest.port': {
    type: 'int',
    default: null,
    importance: 'low',
    doc: 'Before Kafka 3.0, the port the REST API listens on. It counts where listeners is not set.',
  },
  'rest.advertised.host.name': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'The host name given to other workers, and shown as worker id.',
  },
  'rest.advertised.port': {
    type: 'int',
    default: null,
    importance: 'low',
    doc: 'The port given to other workers, and shown in the worker id.',
  },
  'rest.advertised.listener': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'The listener, http or https, that other workers are to use.',
  },
  'access.control.allow.origin': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Web sites whose pages may read answers, separated by commas: origins, regular expressions of origins, or * for all.',
  },
  'access.control.allow.methods': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Methods that pages of those sites may use; GET, POST and HEAD when empty.',
  },
  'response.http.headers.config': {
    type: 'string',
    default: '',
    validate: Object.assign(headerRules, {
      description:
        "Comma-separated header rules, where each header rule is of the form '[action] [header name]:[header value]' and optionally surrounded by double quotes if any part of a header rule contains a comma",
    }),
    importance: 'low',
    doc: 'Headers of every answer. The actions are set, add, setDate and addDate; the value of a date is how many milliseconds from now.',
  },
  'admin.listeners': {
    type: 'list',
    default: null,
    validate: validList({ null: true }),
    importance: 'low',
    doc: 'Addresses the /admin endpoints listen on: those of the REST API when absent, nowhere when empty.',
  },
  'rest.extension.classes': {
    type: 'list',
    default: '',
    validate: validList(),
    importance: 'low',
    doc: "Extensions of the REST API. Java's basic authentication is the one there is.",
  },
  'rest.health.without.password': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether GET /health is answered to everybody where basic authentication asks for a password, for load balancers that have none. Not known to Java.',
  },
  'ssl.client.auth': {
    type: 'string',
    default: 'none',
    validate: oneOf('required', 'requested', 'none'),
    importance: 'low',
    doc: 'Whether clients of the REST API must show a certificate, may show one, or are not asked. Under listeners.https. as well.',
  },
  ...tlsDef,
} satisfies ConfigDef
