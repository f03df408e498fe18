import { errorIds, errorOf } from '@isthmus/protocol'
import { saslAuthenticate, saslHandshake } from '@isthmus/protocol/apis/client'
import type { KafkaError } from '../errors.ts'
import type { Authenticator } from '../net/connection.ts'
import { type Mechanism, refused } from './mechanism.ts'

/** No mechanism takes more; a server that goes on asking does not mean to let us in. */
const MAX_ROUNDS = 8

/** SASL in Kafka's own requests (KIP-43, KIP-152), with the session's lifetime (KIP-368). */
export function saslAuthenticator(mechanismOf: () => Promise<Mechanism>): Authenticator {
  return {
    async authenticate(send, versionOf, peer) {
      const mechanism = await mechanismOf()
      const offer = await send(saslHandshake, 1, { mechanism: mechanism.name })
      if (offer.errorCode === errorIds.UNSUPPORTED_SASL_MECHANISM)
        throw refused(
          `${peer} does not accept sasl.mechanism ${mechanism.name}, but: ${offer.mechanisms.join(', ')}`,
        )
      if (offer.errorCode !== 0) throw failure(offer.errorCode, null, mechanism, peer)
      const exchange = mechanism.begin()
      let message: Buffer | null = await exchange.first()
      let lifetimeMs = 0
      for (let round = 0; message !== null; round++) {
        if (round === MAX_ROUNDS) throw refused(`${peer} asks without end in ${mechanism.name}`)
        const answer = await send(saslAuthenticate, versionOf(saslAuthenticate), { authBytes: message })
        if (answer.errorCode !== 0) throw failure(answer.errorCode, answer.errorMessage, mechanism, peer)
        lifetimeMs = answer.sessionLifetimeMs
        message = await exchange.answer(answer.authBytes)
      }
      return lifetimeMs > 0 ? Date.now() + lifetimeMs : null
    },
  }
}

function failure(code: number, message: string | null, mechanism: Mechanism, peer: string): KafkaError {
  const error = errorOf(code)
  return refused(
    `Authentication with ${peer} by ${mechanism.name} failed: ${message || error.message} (${error.name})`,
  )
}
