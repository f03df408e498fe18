import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ALGORITHM_HEADER, SIGNATURE_HEADER } from '../../group/session-key.ts'
import { signedHeaders, verifySignature } from './signatures.ts'

const key = { key: Buffer.from('0123456789abcdef0123456789abcdef'), algorithm: 'HmacSHA256', createdMs: 0 }
const body = Buffer.from('[{"a":"ä"}]')
const accepted = ['HmacSHA256', 'HmacSHA512']

const proof = (headers: { readonly [name: string]: string }, bytes: Uint8Array = body) => ({
  body: bytes,
  signature: headers[SIGNATURE_HEADER] ?? null,
  algorithm: headers[ALGORITHM_HEADER] ?? null,
})

describe('a request between workers', () => {
  it('is accepted with the signature of its exact bytes', () => {
    for (const algorithm of accepted)
      verifySignature(proof(signedHeaders(key, algorithm, body)), key, accepted)
    const nothing = new Uint8Array()
    verifySignature(proof(signedHeaders(key, 'HmacSHA256', nothing), nothing), key, accepted)
  })

  it('is refused in the words of Java for whatever else it brings', () => {
    const signed = proof(signedHeaders(key, 'HmacSHA256', body))
    const refused = (given: typeof signed, code: string, message: RegExp, known: typeof key | null = key) =>
      assert.throws(() => verifySignature(given, known, accepted), { code, message })
    refused(
      { ...signed, body: Buffer.from('[]') },
      'forbidden',
      /^Internal request contained invalid signature\.$/,
    )
    refused({ ...signed, signature: null }, 'bad-request', /^Internal request missing required signature$/)
    refused({ ...signed, algorithm: null }, 'bad-request', /^Internal request missing required signature$/)
    refused({ ...signed, algorithm: 'Rot13' }, 'bad-request', /Rot13/)
    refused({ ...signed, signature: '%%%' }, 'bad-request', /Base64/)
    refused(
      proof(signedHeaders(key, 'HmacSHA1', body)),
      'bad-request',
      /^This worker does not support the 'HmacSHA1' key signing algorithm.*configured to use: \[HmacSHA256, HmacSHA512\]\./,
    )
    refused(signed, 'unavailable', /has not been able to read a session key from the config topic yet$/, null)
  })

  it('goes without a signature while there is no key', () => {
    assert.deepEqual(signedHeaders(null, 'HmacSHA256', body), {})
  })
})
