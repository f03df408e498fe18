export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'

export interface SaslOptions {
  readonly mechanisms: readonly SaslMechanism[]
  /** Passwords by user name, for PLAIN and SCRAM. */
  readonly users?: Readonly<Record<string, string>>
  /** Who a bearer token stands for, or throws. By default unsecured JWS tokens are taken as they are, as Kafka's default does. */
  readonly validateToken?: (token: string, now: number) => Identity | Promise<Identity>
  /** `connections.max.reauth.ms`: clients must authenticate again before this has passed. 0 or absent: never. */
  readonly maxReauthMs?: number
}

export interface Identity {
  readonly user: string
  /** When the client's credentials expire, if they do. */
  readonly expiresAt?: number
}

export interface ServerReply {
  readonly reply: Buffer
  /** Set when the client is authenticated. */
  readonly identity?: Identity
}
/** One authentication: takes the client's tokens in turn. Throws `AuthenticationError`. */
export type Exchange = (token: Buffer) => ServerReply | Promise<ServerReply>

export class AuthenticationError extends Error {
  override name = 'AuthenticationError'
}
