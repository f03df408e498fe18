import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { readStore } from './stores.ts'
import { certificateFile as fileOf, PASSWORD, certificate as pem } from './testing/certificates.ts'

const source = (file: string, type: string, password: string | null = PASSWORD) => ({
  name: 'ssl.store',
  type,
  location: fileOf(file),
  password,
  keyPassword: null,
})

for (const [file, type] of [
  ['trust.p12', 'PKCS12'],
  ['trust.jks', 'JKS'],
  ['legacy.p12', 'PKCS12'],
  ['trust.p12', 'JKS'],
  ['trust.jks', 'pkcs12'],
] as const)
  test(`${file} as ${type} holds the authority that Java put into it`, async () => {
    const { trusted, key } = await readStore(source(file, type))
    assert.equal(key, null)
    assert.equal(trusted.length, 1)
    assert.ok(new X509Certificate(trusted[0] ?? '').raw.equals(new X509Certificate(pem('ca.pem')).raw))
  })

for (const [file, type, own] of [
  ['client.p12', 'PKCS12', 'client'],
  ['client-ec.p12', 'PKCS12', 'client-ec'],
  ['legacy-client.p12', 'PKCS12', 'client'],
  ['client.jks', 'JKS', 'client'],
] as const)
  test(`${file} holds a key and, first in its chain, the certificate of that key`, async () => {
    const { key, chain } = await readStore(source(file, type))
    const certificate = new X509Certificate(chain[0] ?? '')
    assert.ok(certificate.raw.equals(new X509Certificate(pem(`${own}.pem`)).raw))
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key ?? '')))
    assert.equal(chain.length, 2)
  })

for (const [file, type, password, pattern] of [
  ['trust.p12', 'PKCS12', 'x', /trust.p12 cannot be used: the password is wrong/],
  ['trust.jks', 'JKS', 'x', /trust.jks cannot be used: the password is wrong/],
  ['none.jks', 'JKS', null, /none.jks cannot be used: ENOENT/],
  ['README.md', 'JKS', null, /README.md cannot be used: it cannot be read as PKCS#12/],
  ['ca.pem', 'BCFKS', null, /Invalid value BCFKS for configuration ssl.store.type/],
  ['ca.pem', 'PEM', 'x', /ssl.store.password cannot be specified with PEM format/],
  ['README.md', 'PEM', null, /holds no PEM certificates/],
] as const)
  test(`${file} as ${type} is refused: ${pattern.source}`, async () => {
    await assert.rejects(readStore(source(file, type, password)), { code: 'tls-config', message: pattern })
  })
