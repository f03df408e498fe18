import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { pluginContext, runWorker, sinkRecord } from '@isthmus/testkit'
import { HasField } from './index.ts'

test('HasField is true of values with the field', async () => {
  const predicate = await HasField.open(parseConfig(HasField.config, { field: 'email' }), pluginContext())
  const values = [{ email: 'anna@example.org' }, { email: null }, { id: 1 }, null, 'email', ['email']]
  assert.deepEqual(
    values.map((value) => predicate.test(sinkRecord({ value }))),
    [true, true, false, false, false, false],
  )
})

test('HasField: a worker drops the records that have no address', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'has-field-'))
  const file = join(folder.path, 'people.txt')
  await using worker = await runWorker({ plugins: [new URL('.', import.meta.url)] })
  const sample = parseProperties(
    await readFile(new URL('custom-predicate.properties', import.meta.url), 'utf8'),
  )
  await worker.produce(
    'people',
    [{ id: 1 }, { id: 2, email: 'anna@example.org' }, { email: 'ben@example.org' }].map((value) => ({
      value,
    })),
  )
  await worker.connect('people-out', { ...sample, file })
  const text = await worker.until('what is kept is written', async () => {
    const written = await readFile(file, 'utf8')
    return written.includes('ben') && written.endsWith('\n') && written
  })
  assert.equal(text, '{id=2, email=anna@example.org}\n{email=ben@example.org}\n')
})
