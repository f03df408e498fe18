import type { RequestHeader } from '@isthmus/protocol'
import { errorIds } from '@isthmus/protocol'
import { apiVersions, saslAuthenticate, saslHandshake } from '@isthmus/protocol/apis'
import { messageOf } from '../request-error.ts'
import { openExchange } from '../sasl/exchange.ts'
import type { Exchange, SaslMechanism, SaslOptions } from '../sasl/sasl.ts'

export interface Authenticated {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly authBytes: Buffer
  /** How long the client may go on before it authenticates again; 0: for ever. */
  readonly sessionLifetimeMs: number
}

/** Who a connection belongs to. */
export interface Session {
  readonly principal: string
  /** Throws when the client has to authenticate (again) before it asks this. */
  admit(header: RequestHeader): void
  handshake(mechanism: string): { errorCode: number; mechanisms: string[] }
  authenticate(token: Buffer): Promise<Authenticated>
}

const NO_BYTES = Buffer.alloc(0)

/** Without SASL everybody may ask everything. */
export const anonymous: Session = {
  principal: 'User:ANONYMOUS',
  admit() {},
  handshake: () => ({ errorCode: errorIds.ILLEGAL_SASL_STATE, mechanisms: [] }),
  authenticate: () => Promise.resolve(failed(errorIds.ILLEGAL_SASL_STATE, 'SASL is not enabled here')),
}

const BEFORE_AUTHENTICATION = new Set([apiVersions.key, saslHandshake.key, saslAuthenticate.key])

/** Who a connection's client has turned out to be; one that is refused has to come again over another connection. */
type Client =
  | { readonly type: 'unknown' }
  | { readonly type: 'known'; readonly user: string; readonly expiresAt: number }
  | { readonly type: 'refused' }

/** A connection that has to authenticate before anything else, and again before its session ends (KIP-368). */
export function openSaslSession(options: SaslOptions, now: () => number): Session {
  let client: Client = { type: 'unknown' }
  let exchange: Exchange | null = null

  return {
    get principal() {
      return client.type === 'known' ? `User:${client.user}` : anonymous.principal
    },
    admit({ key }) {
      if (client.type === 'refused') throw new Error('the client goes on after its authentication failed')
      if (BEFORE_AUTHENTICATION.has(key)) return
      if (client.type === 'unknown') throw new Error(`API ${key} was asked for before authentication`)
      if (now() >= client.expiresAt)
        throw new Error(`the session of ${client.user} ended without another authentication`)
    },
    handshake(mechanism) {
      const mechanisms = [...options.mechanisms]
      if (!mechanisms.includes(mechanism as SaslMechanism))
        return { errorCode: errorIds.UNSUPPORTED_SASL_MECHANISM, mechanisms }
      exchange = openExchange(mechanism as SaslMechanism, options, now)
      return { errorCode: 0, mechanisms }
    },
    async authenticate(token) {
      if (!exchange) return failed(errorIds.ILLEGAL_SASL_STATE, 'SaslHandshake comes before SaslAuthenticate')
      try {
        const { reply, identity } = await exchange(token)
        if (!identity) return { errorCode: 0, errorMessage: null, authBytes: reply, sessionLifetimeMs: 0 }
        if (client.type === 'known' && client.user !== identity.user)
          throw new Error(
            `Cannot change principals during re-authentication from ${client.user} to ${identity.user}`,
          )
        exchange = null
        const sessionLifetimeMs = lifetimeOf(identity.expiresAt)
        const expiresAt = sessionLifetimeMs > 0 ? now() + sessionLifetimeMs : Number.POSITIVE_INFINITY
        client = { type: 'known', user: identity.user, expiresAt }
        return { errorCode: 0, errorMessage: null, authBytes: reply, sessionLifetimeMs }
      } catch (error) {
        client = { type: 'refused' }
        return failed(errorIds.SASL_AUTHENTICATION_FAILED, messageOf(error))
      }
    },
  }

  function lifetimeOf(credentialsExpireAt: number | undefined): number {
    const limits: number[] = []
    if (options.maxReauthMs) limits.push(options.maxReauthMs)
    if (credentialsExpireAt !== undefined && options.maxReauthMs)
      limits.push(Math.max(1, credentialsExpireAt - now()))
    return limits.length === 0 ? 0 : Math.min(...limits)
  }
}

function failed(errorCode: number, errorMessage: string): Authenticated {
  return { errorCode, errorMessage, authBytes: NO_BYTES, sessionLifetimeMs: 0 }
}
