import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeOf, parseConfig } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { pluginContext, runWorker, sinkRecord, transformContract } from '@isthmus/testkit'
import { MaskAddress } from './index.ts'

// what every transform keeps to; Vitest, Jest and Mocha play it as well
for (const { name, run } of transformContract({
  plugin: MaskAddress,
  records: [{ email: 'anna@example.org' }, { id: 1 }, null].map((value) => sinkRecord({ value })),
}))
  test(`MaskAddress: ${name}`, run)

test('MaskAddress hides what comes before the @, and refuses what is no text', async () => {
  const transform = await MaskAddress.open(parseConfig(MaskAddress.config, { field: 'to' }), pluginContext())
  const applied = await transform.apply(
    sinkRecord({ value: { to: 'ben@example.org', from: 'anna@example.org' } }),
  )
  assert.deepEqual(applied?.value, { to: '***@example.org', from: 'anna@example.org' })
  await assert.rejects(
    async () => transform.apply(sinkRecord({ value: { to: 1 } })),
    (error) => codeOf(error) === 'data',
  )
})

test('MaskAddress: a worker applies it to what a sink gets', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'mask-address-'))
  const file = join(folder.path, 'people.txt')
  await using worker = await runWorker({ plugins: [new URL('.', import.meta.url)] })
  await worker.produce('people', [{ value: { id: 1, email: 'anna@example.org' } }])
  const sample = parseProperties(
    await readFile(new URL('custom-transform.properties', import.meta.url), 'utf8'),
  )
  await worker.connect('people-out', { ...sample, file })
  const text = await worker.until('a line is written', async () => {
    const written = await readFile(file, 'utf8')
    return written.endsWith('\n') && written
  })
  assert.equal(text, '{id=1, email=***@example.org}\n')
})
