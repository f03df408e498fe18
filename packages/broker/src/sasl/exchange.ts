import { bearerExchange } from './bearer.ts'
import { plainExchange } from './plain.ts'
import type { Exchange, SaslMechanism, SaslOptions } from './sasl.ts'
import { scramExchange } from './scram.ts'

export function openExchange(mechanism: SaslMechanism, options: SaslOptions, now: () => number): Exchange {
  switch (mechanism) {
    case 'PLAIN':
      return plainExchange(options)
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return scramExchange(mechanism, options)
    case 'OAUTHBEARER':
      return bearerExchange(options, now)
  }
}
