import { saslHandshake } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v1: the exchange follows in SaslAuthenticate requests. After v0 it would follow as bare frames, which no living client sends. */
export const saslHandshakeEndpoint = endpoint(saslHandshake, (_broker, request, call) =>
  call.session.handshake(request.mechanism),
)
