import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConnectError } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { systemProperties } from '../../system-properties.ts'
import { type Around, textReply } from '../server/http.ts'

const EXTENSION = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
const MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
const LOGIN_CONFIG = 'java.security.auth.login.config'
const REFUSAL = 'User cannot access the resource.'
/** Workers sign what they send each other here; they have no password. */
const BETWEEN_WORKERS = /^\/?connectors\/[^/]+\/(tasks|fence)\/?$/

const HEALTH = /^\/health\/?$/

export interface ExtensionConfig {
  readonly 'rest.extension.classes': readonly string[]
  readonly 'rest.health.without.password': boolean
}

/** The extensions that `rest.extension.classes` names: Java's basic authentication is the one there is. */
export async function basicAuthOf(
  { 'rest.extension.classes': classes, 'rest.health.without.password': healthForAll }: ExtensionConfig,
  env: NodeJS.ProcessEnv,
): Promise<Around | null> {
  const unknown = classes.find((name) => name !== EXTENSION)
  if (unknown !== undefined)
    throw new ConnectError(
      'config',
      `Invalid value ${unknown} for configuration rest.extension.classes: ${EXTENSION} is the only extension there is.`,
    )
  if (classes.length === 0) return null
  const users = await usersOf(env)
  return async ({ method, path, header }, next) => {
    const isTheirs = (method === 'POST' || method === 'PUT') && BETWEEN_WORKERS.test(path)
    const isForAll = healthForAll && (method === 'GET' || method === 'HEAD') && HEALTH.test(path)
    if (isTheirs || isForAll || users.size === 0 || mayPass(users, header('authorization')))
      return await next()
    return textReply(401, REFUSAL, { 'www-authenticate': 'Basic' })
  }
}

/** An empty file lets everybody in, as in Java. */
async function usersOf(env: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, Buffer>> {
  const path = systemProperties(env).get(LOGIN_CONFIG)
  if (path === undefined || path === '')
    throw new ConnectError(
      'config',
      `The REST extension for basic authentication needs a JAAS file: set KAFKA_OPTS=-D${LOGIN_CONFIG}=<file>`,
    )
  const jaas = (await readText(path)).replaceAll(/\/\*[\s\S]*?\*\/|^\s*(\/\/|#).*$/gm, '')
  const [, entry] = /\bKafkaConnect\s*\{([\s\S]*?)\}/.exec(jaas) ?? []
  const [, file] = /\bfile\s*=\s*"?([^";\s]+)"?/.exec(entry ?? '') ?? []
  if (entry?.includes(MODULE) !== true || file === undefined)
    throw new ConnectError(
      'config',
      `The JAAS file ${path} must hold an entry KafkaConnect { ${MODULE} required file="<properties file>"; };`,
    )
  const users = Object.entries(parseProperties(await readText(file)))
  return new Map(users.map(([user, password]) => [user, hashOf(password)]))
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch (cause) {
    throw new ConnectError('config', `${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Of the same length, so that the time tells nothing. */
function mayPass(users: ReadonlyMap<string, Buffer>, header: string | null): boolean {
  const [, encoded] = /^basic\s+(\S+)\s*$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return false
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return false
  const expected = users.get(text.slice(0, colon))
  return timingSafeEqual(hashOf(text.slice(colon + 1)), expected ?? hashOf('')) && expected !== undefined
}
