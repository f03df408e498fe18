import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import forge from 'node-forge'
import { decryptionProblem } from './key-encryption.ts'
import { sslOptions } from './options.ts'
import { clientTls } from './settings.ts'
import { certificate } from './testing/certificates.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const encrypted = privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString()
const pemOf = (der: Buffer) =>
  `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----\n`

/** The same key, said to be encrypted with other rounds: the two-byte 2,048 of OpenSSL under whatever is given. */
function withRounds(rounds: string): Buffer {
  const asn1 = forge.asn1.fromDer(forge.pem.decode(encrypted)[0]?.body ?? '')
  const at = (node: forge.asn1.Asn1, ...path: readonly number[]) =>
    path.reduce((inner, index) => (inner.value as forge.asn1.Asn1[])[index] as forge.asn1.Asn1, node)
  const integer = at(asn1, 0, 1, 0, 1, 1)
  assert.equal(forge.util.bytesToHex(integer.value as string), '0800')
  integer.value = forge.util.hexToBytes(rounds)
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1')
}
const many = withRounds('7fffffff')
/** Made by openssl pkcs8 -topk8 -scrypt. */
const BY_SCRYPT =
  'MIHkME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAgTNJJ0HA94IAICQAACAQgCAQEwHQYJYIZIAWUDBAEqBBATJeFpzeZ3ztECoJ0n6UVqBIGQpid8JnGpuVa1/6C0TGSruHlF5dtn+j/JEVpRA8odLd9Y9I7zp8OWOGT9k/+4aalYmCuhRMDAbu1CHro83rnWDRI9a2So5xjY9+A4eLosvZqM36Jej/lSHaBaNC3kQUbrceSkH4vJfPoURO6DI5QAED9wxeMeeCdqve7wNoMxZn1aLmw4VNyOLuaqpSNQm+ZF'
/** The outermost length left open, as BER allows and OpenSSL reads. */
const open = Buffer.concat([Buffer.of(0x30, 0x80), many.subarray(many[1] === 0x81 ? 3 : 4), Buffer.of(0, 0)])

for (const [what, key, problem] of [
  ['of OpenSSL', encrypted, null],
  ['of a test', certificate('client-encrypted.key'), null],
  ['in the clear', certificate('client.key'), null],
  [
    'of another form',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----',
    /not in DER/,
  ],
  ['with a million rounds', pemOf(withRounds('0f4240')), null],
  ['with more', pemOf(withRounds('0f4241')), /more than 1000000 rounds/],
  ['with all there are', pemOf(many), /more than 1000000 rounds/],
  ['whose length is open', pemOf(open), /not in DER/],
  ['by scrypt', pemOf(Buffer.from(BY_SCRYPT, 'base64')), /by scrypt/],
] as const)
  test(`an encrypted key ${what} is ${problem === null ? 'taken' : 'refused'}`, () => {
    const said = decryptionProblem(key)
    if (problem === null) assert.equal(said, null)
    else assert.match(said ?? '', problem)
  })

test('a client says so at once instead of deriving for an hour', { timeout: 20_000 }, async () => {
  const options = sslOptions({
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.key': pemOf(many),
    'ssl.keystore.certificate.chain': certificate('client.pem'),
    'ssl.key.password': 'x',
  })
  await assert.rejects(
    clientTls(options),
    /ssl\.keystore\.\* configuration cannot be used: the private key is encrypted with more/,
  )
})
