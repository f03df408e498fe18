import { ConnectError } from '@isthmus/sdk'
import {
  ALGORITHM_HEADER,
  isKnownAlgorithm,
  isSignatureOf,
  SIGNATURE_HEADER,
  signatureOf,
} from '../../group/session-key.ts'
import type { SessionKey } from '../../state/snapshot.ts'
import type { RequestProof } from '../herder.ts'

/** Headers of a request with this body to another worker. Without a key it goes unsigned, and comes back. */
export function signedHeaders(
  key: SessionKey | null,
  algorithm: string,
  body: Uint8Array,
): { readonly [name: string]: string } {
  if (key === null) return {}
  return { [SIGNATURE_HEADER]: signatureOf(key.key, algorithm, body), [ALGORITHM_HEADER]: algorithm }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Rejects a request that does not come from a worker of the group, in Java's words. */
export function verifySignature(
  { body, signature, algorithm }: RequestProof,
  key: SessionKey | null,
  accepted: readonly string[],
): void {
  if (signature === null || algorithm === null)
    throw new ConnectError('bad-request', 'Internal request missing required signature')
  if (!isKnownAlgorithm(algorithm))
    throw new ConnectError('bad-request', `Algorithm ${algorithm} not available`)
  if (!BASE64.test(signature) || signature.length % 4 === 1)
    throw new ConnectError('bad-request', 'Invalid request signature: it is not Base64')
  if (!accepted.includes(algorithm))
    throw new ConnectError(
      'bad-request',
      `This worker does not support the '${algorithm}' key signing algorithm used by other workers. This worker is currently configured to use: [${accepted.join(', ')}]. Check that all workers' configuration files permit the same set of signature algorithms, and correct any misconfigured worker and restart it.`,
    )
  if (key === null)
    throw new ConnectError(
      'unavailable',
      'This worker is still starting up and has not been able to read a session key from the config topic yet',
    )
  if (!isSignatureOf(key.key, algorithm, body, signature))
    throw new ConnectError('forbidden', 'Internal request contained invalid signature.')
}
