import { atLeast, type ConfigDef, type Validator } from '@isthmus/sdk'
import { parseUrl } from '../database/url.ts'

const url: Validator = (value, property) => {
  if (typeof value !== 'string') return null
  try {
    parseUrl(value, property)
    return null
  } catch (error) {
    return { message: (error as Error).message }
  }
}

/** How the database is reached: properties of the source and of the sink. */
export const connectionConfig = {
  'kinetica.url': {
    type: 'string',
    validate: url,
    importance: 'high',
    doc: 'Where the database listens: the URL of its head node, such as http://localhost:9191. Connectors are created whether or not it can be reached; their tasks wait for it.',
  },
  'kinetica.username': {
    type: 'string',
    default: '',
    importance: 'high',
    doc: 'The user to sign in as. Empty, with an empty password: requests carry no credentials.',
  },
  'kinetica.password': {
    type: 'password',
    default: '',
    importance: 'high',
    doc: 'The password of kinetica.username.',
  },
  'kinetica.timeout': {
    type: 'int',
    default: 0,
    validate: atLeast(0),
    importance: 'medium',
    doc: 'The longest wait for an answer of the database, in milliseconds. 0: as long as it takes; a connection still has 10 seconds to open, and a database that has vanished is noticed by the probes of TCP.',
  },
} as const satisfies ConfigDef
