import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pemBlocks } from './pem.ts'

const KEY = 'MIIB'.repeat(20)
const block = (label: string, base64: string) => ({
  label,
  pem: `-----BEGIN ${label}-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END ${label}-----\n`,
})

test('PEM blocks are found in lines, in one line, among other text and with header lines', () => {
  const found = [block('CERTIFICATE', KEY)]
  const lines = `Bag Attributes: <none>\nsubject=me\n${found[0]?.pem}rest`
  assert.deepEqual(pemBlocks(lines), found)
  assert.deepEqual(pemBlocks(lines.replaceAll('\n', ' ')), found)
  assert.deepEqual(pemBlocks(lines.replaceAll('\n', '\r\n')), found)
  const commented = `-----BEGIN CERTIFICATE-----\nComment: x-y\n\n${KEY}\n-----END CERTIFICATE-----`
  assert.deepEqual(pemBlocks(commented), found)
  const [encrypted] = pemBlocks(
    `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AB\n\n${KEY}\n-----END RSA PRIVATE KEY-----\n`,
  )
  assert.match(encrypted?.pem ?? '', /^-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A/)
  const two = [block('PRIVATE KEY', 'AAAA'), block('CERTIFICATE', KEY)]
  assert.deepEqual(pemBlocks(two.map(({ pem }) => pem).join('')), two)
  for (const none of [
    '',
    KEY,
    '-----BEGIN A-----\n-----END A-----',
    `-----BEGIN A-----${KEY}-----END B-----`,
  ])
    assert.deepEqual(pemBlocks(none), [])
})

/** These never ended, or took minutes, in the thread that keeps the memberships of groups. */
test('text that is made to be slow to read is read at once', { timeout: 20_000 }, () => {
  const size = 1_000_000
  for (const text of [
    '-'.repeat(size),
    `-----BEGIN A-----${'a: '.repeat(size)}`,
    '-----BEGIN A-----'.repeat(size / 10),
    `-----BEGIN A-----x${'-'.repeat(size)}x-----END A-----`,
  ])
    assert.deepEqual(pemBlocks(text), [])
})
