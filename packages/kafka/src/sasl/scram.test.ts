import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../errors.ts'
import { scram } from './scram.ts'

const refusal = (pattern: RegExp) => (error: unknown) =>
  error instanceof KafkaError &&
  error.kafka === 'AUTHENTICATION_FAILED' &&
  !error.retriable &&
  pattern.test(error.message)

// RFC 7677, section 3
const NONCE = 'rOprNGfwEbeRWgbNEkqO'
const SERVER_FIRST = `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='

test('SCRAM-SHA-256 as in RFC 7677', async () => {
  const exchange = scram('sha256', 'user', 'pencil', { nonce: NONCE }).begin()
  assert.equal(String(await exchange.first()), `n,,n=user,r=${NONCE}`)
  assert.equal(
    String(await exchange.answer(Buffer.from(SERVER_FIRST))),
    `c=biws,r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  )
  assert.equal(await exchange.answer(Buffer.from(SERVER_FINAL)), null)
})

test('names with commas and equals signs, and delegation tokens', async () => {
  const exchange = scram('sha512', 'a,b=c', 'p', { nonce: 'n', tokenAuth: true }).begin()
  assert.equal(String(await exchange.first()), 'n,,n=a=2Cb=3Dc,r=n,tokenauth=true')
})

test('a nonce is used once', async () => {
  const mechanism = scram('sha256', 'user', 'pencil')
  assert.notEqual(String(await mechanism.begin().first()), String(await mechanism.begin().first()))
})

for (const [what, serverFirst, pattern] of [
  ['another nonce', SERVER_FIRST.replace('rOpr', 'xOpr'), /does not start with client nonce/],
  ['our own nonce only', SERVER_FIRST.replace(/r=[^,]*/, `r=${NONCE}`), /client nonce/],
  ['few iterations', SERVER_FIRST.replace('4096', '4095'), /4095 is less than the minimum 4096/],
  ['no number', SERVER_FIRST.replace('4096', 'x'), /less than the minimum/],
  ['iterations to keep us busy', SERVER_FIRST.replace('4096', '999999999'), /more than can be done/],
  ['an error', 'e=unknown-user', /unknown-user/],
  ['nonsense', '\0\0', /client nonce/],
] as const)
  test(`a server that answers with ${what} is not trusted`, async () => {
    const exchange = scram('sha256', 'user', 'pencil', { nonce: NONCE }).begin()
    await exchange.first()
    await assert.rejects(exchange.answer(Buffer.from(serverFirst)), refusal(pattern))
  })

for (const [what, serverFinal, pattern] of [
  ['another signature', SERVER_FINAL.replace('6rri', '7rri'), /Invalid server signature/],
  ['a short signature', 'v=AAAA', /Invalid server signature/],
  ['an error', 'e=other-error', /other-error/],
] as const)
  test(`a server that ends with ${what} does not know the password`, async () => {
    const exchange = scram('sha256', 'user', 'pencil', { nonce: NONCE }).begin()
    await exchange.first()
    await exchange.answer(Buffer.from(SERVER_FIRST))
    await assert.rejects(exchange.answer(Buffer.from(serverFinal)), refusal(pattern))
  })
