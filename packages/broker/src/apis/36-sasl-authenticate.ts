import { saslAuthenticate } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v1: session lifetime */
export const saslAuthenticateEndpoint = endpoint(saslAuthenticate, (_broker, request, call) =>
  call.session.authenticate(request.authBytes),
)
