import assert from 'node:assert/strict'
import { it } from 'node:test'
import { generateKey, isSignatureOf, signatureOf } from './session-key.ts'

const text = (value: string) => new TextEncoder().encode(value)

it('signs as the published test vectors say', () => {
  const cases = [
    // RFC 2202 and RFC 4231, test case 2
    ['HmacMD5', '750c783e6ab0b503eaa86e310a5db738'],
    ['HmacSHA1', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    ['HmacSHA256', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  ] as const
  for (const [algorithm, expected] of cases) {
    const signature = signatureOf(text('Jefe'), algorithm, text('what do ya want for nothing?'))
    assert.equal(Buffer.from(signature, 'base64').toString('hex'), expected)
  }
})

it('makes keys of the size that the JVM gives them, or that is asked for', () => {
  assert.equal(generateKey('HmacSHA256', null).length, 32)
  assert.equal(generateKey('HmacSHA1', null).length, 64)
  assert.equal(generateKey('HmacSHA256', 512).length, 64)
  assert.notDeepEqual(generateKey('HmacSHA256', null), generateKey('HmacSHA256', null))
  assert.throws(() => generateKey('DES', null), /Unknown algorithm DES/)
})

it('knows its own signatures and no others', () => {
  const key = generateKey('HmacSHA256', null)
  const body = text('[{"a":"b"}]')
  const signature = signatureOf(key, 'HmacSHA256', body)
  assert.ok(isSignatureOf(key, 'HmacSHA256', body, signature))
  assert.ok(!isSignatureOf(key, 'HmacSHA256', text('[]'), signature))
  assert.ok(!isSignatureOf(generateKey('HmacSHA256', null), 'HmacSHA256', body, signature))
  assert.ok(!isSignatureOf(key, 'HmacSHA256', body, 'S2Fma2Flc3F1ZQ=='))
  assert.ok(!isSignatureOf(key, 'HmacSHA256', body, ''))
})
