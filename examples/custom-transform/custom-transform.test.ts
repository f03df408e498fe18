import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openBroker } from '@isthmus/broker'
import { parseConfig } from '@isthmus/sdk'
import { converterContract, sinkRecord, transformContract } from '@isthmus/testkit'
import { eventually } from '../../tests/process/eventually.ts'
import { isthmusStandalone } from '../../tests/process/isthmus.ts'
import { openTempDir } from '../../tests/process/temp-dir.ts'
import { MaskAddress, PairsConverter } from './index.ts'

// what every transform and every converter keeps to; Vitest, Jest and Mocha play it as well

for (const { name, run } of transformContract({
  open: (context) => MaskAddress.open(parseConfig(MaskAddress.config, {}), context),
  records: [{ email: 'anna@example.org' }, { id: 1 }, null].map((value) => sinkRecord({ value })),
}))
  test(`MaskAddress: ${name}`, run)

for (const { name, run } of converterContract({
  open: (context) => PairsConverter.open(parseConfig(PairsConverter.config, {}), 'value', context),
  samples: [{ schema: null, value: { id: '1', email: 'anna@example.org' } }],
}))
  test(`PairsConverter: ${name}`, run)

test('a TypeScript file dropped into a folder of plugin.path is a transform, a predicate and a converter', async () => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  await cp(fileURLToPath(new URL('index.ts', import.meta.url)), dir.at('plugins/custom/index.ts'), {
    recursive: true,
  })
  await writeFile(dir.at('in.txt'), 'id=1\nid=2\n')
  await using worker = await isthmusStandalone({
    dir: dir.path,
    worker: {
      'bootstrap.servers': broker.bootstrapServers,
      'key.converter': 'StringConverter',
      'value.converter': 'StringConverter',
      'offset.storage.file.filename': dir.at('offsets'),
      'plugin.path': dir.at('plugins'),
    },
    connectors: [
      {
        name: 'in',
        'connector.class': 'FileStreamSource',
        file: dir.at('in.txt'),
        topic: 'people',
        transforms: 'wrap,add',
        'transforms.wrap.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
        'transforms.wrap.field': 'line',
        'transforms.add.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
        'transforms.add.static.field': 'email',
        'transforms.add.static.value': 'anna@example.org',
        'value.converter': 'example.PairsConverter',
      },
      {
        name: 'out',
        'connector.class': 'FileStreamSink',
        file: dir.at('out.txt'),
        topics: 'people',
        'value.converter': 'Pairs',
        transforms: 'mask,never',
        'transforms.mask.type': 'MaskAddress',
        'transforms.mask.predicate': 'has',
        'transforms.never.type': 'MaskAddress',
        'transforms.never.field': 'line',
        'transforms.never.predicate': 'has',
        'transforms.never.negate': 'true',
        predicates: 'has',
        'predicates.has.type': 'example.HasField',
        'predicates.has.field': 'email',
      },
    ],
  })
  await worker.printed('Created connector out')
  const lines = await eventually('both lines arrive', async () => {
    const text = await readFile(dir.at('out.txt'), 'utf8').catch(() => '')
    return text.split('\n').length > 2 && text
  })
  assert.equal(lines, '{line=id, email=***@example.org}\n{line=id, email=***@example.org}\n')
})
