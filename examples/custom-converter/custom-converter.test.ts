import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeOf, NO_HEADERS, parseConfig } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { converterContract, pluginContext, runWorker } from '@isthmus/testkit'
import { csvCells, csvLine } from './csv.ts'
import { CsvConverter } from './index.ts'

const open = (columns: string, context = pluginContext()) =>
  CsvConverter.open(parseConfig(CsvConverter.config, { columns }), 'value', context)

for (const { name, run } of converterContract({
  plugin: CsvConverter,
  props: { columns: 'id,name' },
  samples: ['Anna', '', 'Smith, Anna', 'the "Ann"', 'two\nlines'].map((name) => ({
    schema: null,
    value: { id: '1', name },
  })),
  garbage: ['1,"open', '1', '1,2,3', '1,"a"b'].map((line) => Buffer.from(line)),
}))
  test(`CsvConverter: ${name}`, run)

test('CsvConverter writes numbers as text, nothing for what is not there, and no list', async () => {
  const converter = await open('id,name')
  assert.equal(await converter.fromConnectData('t', null, { id: 7 }, NO_HEADERS), '7,')
  await assert.rejects(
    async () => converter.fromConnectData('t', null, ['a'], NO_HEADERS),
    (error) => codeOf(error) === 'data',
  )
})

test('a line of CSV is its cells', () => {
  for (const cells of [[''], ['', ''], ['a'], ['a', ''], ['"', ',', '\r\n', '""']])
    assert.deepEqual(csvCells(csvLine(cells)), cells)
})

test('CsvConverter: a worker reads with it what was written with it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'csv-converter-'))
  const file = join(folder.path, 'people.txt')
  const sample = parseProperties(
    await readFile(new URL('custom-converter.properties', import.meta.url), 'utf8'),
  )
  await using worker = await runWorker({
    plugins: [new URL('.', import.meta.url)],
    converters: [CsvConverter],
  })
  const anna = { id: '1', name: 'Smith, Anna', email: 'anna@example.org' }
  await worker.produce('people', [{ value: anna }], { converters: sample })
  await worker.connect('people-out', { ...sample, file })
  const text = await worker.until('a line is written', async () => {
    const written = await readFile(file, 'utf8')
    return written.endsWith('\n') && written
  })
  assert.equal(text, '{id=1, name=Smith, Anna, email=anna@example.org}\n')
  const converters = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }
  const [message] = await worker.records('people', { converters })
  assert.equal(message?.value, '1,"Smith, Anna",anna@example.org')
})
