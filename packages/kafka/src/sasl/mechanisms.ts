import { fileURLToPath } from 'node:url'
import { KafkaError } from '../errors.ts'
import type { SaslOptions } from '../properties/client.ts'
import { type LoginModule, parseJaas } from './jaas.ts'
import type { Mechanism } from './mechanism.ts'

const MODULES = {
  plain: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  scram: 'org.apache.kafka.common.security.scram.ScramLoginModule',
  oauth: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule',
} as const

/** What `sasl.mechanism` and `sasl.jaas.config` ask for; throws CONFIG. The mechanism's own code is loaded on first use. */
export function mechanismOf(sasl: SaslOptions): () => Promise<Mechanism> {
  const name = sasl['sasl.mechanism']
  switch (name) {
    case 'PLAIN': {
      const { username, password } = credentials(moduleOf(sasl, MODULES.plain))
      return async () => (await import('./plain.ts')).plain(username, password)
    }
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512': {
      const module = moduleOf(sasl, MODULES.scram)
      const { username, password } = credentials(module)
      const tokenAuth = module.options['tokenauth']?.toLowerCase() === 'true'
      const hash = name === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
      return async () => (await import('./scram.ts')).scram(hash, username, password, { tokenAuth })
    }
    case 'OAUTHBEARER':
      return oauthOf(sasl, moduleOf(sasl, MODULES.oauth))
    default:
      throw new KafkaError(
        'CONFIG',
        `Invalid value ${name} for configuration sasl.mechanism: String must be one of: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER`,
      )
  }
}

function moduleOf(sasl: SaslOptions, expected: string): LoginModule {
  const mechanism = sasl['sasl.mechanism']
  const config = sasl['sasl.jaas.config']
  if (config === null)
    throw new KafkaError(
      'CONFIG',
      `sasl.mechanism ${mechanism} needs sasl.jaas.config: ${expected} required …;`,
    )
  const module = parseJaas(config)
  if (module.name !== expected)
    throw new KafkaError(
      'CONFIG',
      `sasl.jaas.config names ${module.name}, but sasl.mechanism ${mechanism} needs ${expected}`,
    )
  return module
}
function credentials({ name, options }: LoginModule): { username: string; password: string } {
  const { username, password } = options as { username?: string; password?: string }
  if (username === undefined || password === undefined)
    throw new KafkaError(
      'CONFIG',
      `sasl.jaas.config lacks ${username === undefined ? 'username' : 'password'} for ${name}`,
    )
  return { username, password }
}

function oauthOf(sasl: SaslOptions, { options }: LoginModule): () => Promise<Mechanism> {
  const source = tokenSource(sasl, options)
  const extensions: Record<string, string> = {}
  for (const [key, value] of Object.entries(options)) {
    const [, extension] = /^(?:unsecuredLoginExtension_|extension_)(.+)$/.exec(key) ?? []
    if (extension === undefined) continue
    if (!/^[A-Za-z]+$/.test(extension) || extension === 'auth' || !/^[\x20-\x7e\r\n\t]+$/.test(value))
      throw new KafkaError('CONFIG', `Extension ${extension} in sasl.jaas.config is invalid`)
    extensions[extension] = value
  }
  let mechanism: Promise<Mechanism> | null = null
  return () => {
    mechanism ??= Promise.all([import('./oauthbearer.ts'), import('./token.ts')]).then(
      ([{ oauthBearer }, { cachedToken }]) => {
        const token = cachedToken(source, {
          factor: sasl['sasl.login.refresh.window.factor'],
          jitter: sasl['sasl.login.refresh.window.jitter'],
        })
        return oauthBearer(token, extensions)
      },
    )
    return mechanism
  }
}
function tokenSource(sasl: SaslOptions, options: { readonly [key: string]: string }) {
  const url = sasl['sasl.oauthbearer.token.endpoint.url']
  if (url === null) return async () => (await import('./unsecured.ts')).unsecuredToken(options, Date.now())
  if (!URL.canParse(url) || !/^(file|https?):$/.test(new URL(url).protocol))
    throw new KafkaError(
      'CONFIG',
      // what stands before an @ may be a password
      `Invalid value ${url.replace(/^.*@/s, '…@')} for configuration sasl.oauthbearer.token.endpoint.url: a file, http or https URL is needed`,
    )
  if (url.startsWith('file:')) {
    const path = fileURLToPath(url)
    return async () => (await import('./token.ts')).tokenFromFile(path)
  }
  const clientId = sasl['sasl.oauthbearer.client.credentials.client.id'] ?? options['clientId']
  const clientSecret = sasl['sasl.oauthbearer.client.credentials.client.secret'] ?? options['clientSecret']
  if (clientId === undefined || clientSecret === undefined)
    throw new KafkaError(
      'CONFIG',
      'The token endpoint needs sasl.oauthbearer.client.credentials.client.id and .client.secret (or clientId and clientSecret in sasl.jaas.config)',
    )
  return async () =>
    (await import('./token.ts')).tokenFromEndpoint({
      url,
      clientId,
      clientSecret,
      scope: sasl['sasl.oauthbearer.scope'] ?? options['scope'] ?? null,
      urlEncodeHeader: sasl['sasl.oauthbearer.header.urlencode'],
      timeoutMs: sasl['sasl.login.connect.timeout.ms'] + sasl['sasl.login.read.timeout.ms'],
      backoffMs: sasl['sasl.login.retry.backoff.ms'],
      backoffMaxMs: sasl['sasl.login.retry.backoff.max.ms'],
    })
}
