import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readWorkerProps } from './commands/named-files.ts'
import { systemProperties } from './system-properties.ts'

for (const [given, read] of [
  ['', {}],
  ['-Xmx1g -Da.b=c -verbose', { 'a.b': 'c' }],
  ['-Da=1\n\t-Da=2', { a: '2' }],
  ['-Da -Db= -Dc=x=y,-Dz', { a: '', b: '', c: 'x=y,-Dz' }],
  [`-Da="b c" "-Dd=e f" -Dg='h "i"'`, { a: 'b c', d: 'e f', g: 'h "i"' }],
  ['-Da=b" -Dc=d', { a: 'b', c: 'd' }],
  ['x-Da=b', {}],
] as const)
  test(`KAFKA_OPTS ${JSON.stringify(given)}`, () => {
    assert.deepEqual(Object.fromEntries(systemProperties({ KAFKA_OPTS: given })), read)
  })

test('without KAFKA_OPTS there are none', () => {
  assert.equal(systemProperties({}).size, 0)
})

test('those that limit what connectors may reach count before the lines of a worker file, others are no properties of it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-system-'))
  try {
    const file = join(dir, 'worker.properties')
    const urls = 'org.apache.kafka.sasl.oauthbearer.allowed.urls'
    const modules = 'org.apache.kafka.allowed.login.modules'
    await writeFile(file, `${urls}=of the file\n${modules}=of the file\nlisteners=x\n`)
    const env = { KAFKA_OPTS: `-D${urls}=a,b -Dlisteners=y -Dorg.apache.kafka.of.their.own=z` }
    const { signal } = new AbortController()
    assert.deepEqual(await readWorkerProps(file, env, signal), {
      [urls]: 'a,b',
      [modules]: 'of the file',
      listeners: 'x',
    })
    assert.deepEqual(await readWorkerProps('', env, signal), { [urls]: 'a,b' })
  } finally {
    await rm(dir, { recursive: true })
  }
})
