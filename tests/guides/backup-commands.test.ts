import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { s3ServerIsAbsent } from '@isthmus/connector-s3/testing'
import { eventually } from '../process/eventually.ts'
import { holdsExactly, linesOf, textOf } from '../process/lines.ts'
import { freePorts } from '../process/ports.ts'
import { writeProperties } from '../process/properties-file.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { openInstallation, replacing } from './installation.ts'
import { openFolderServer } from './versitygw.ts'

test('a worker for the backup and one for the restore run side by side, with the sample files, and their log is in logs/connect.log', {
  skip: await s3ServerIsAbsent('versitygw'),
}, async () => {
  await using dir = await openTempDir()
  await using from = await openBroker({ dataDir: dir.at('from') })
  await using to = await openBroker({ dataDir: dir.at('to') })
  await using s3 = await openFolderServer(dir.at('s3'), {
    buckets: ['kafka-backup'],
    region: 'us-east-1',
    key: 'isthmus',
    secret: 'isthmus-secret',
  })
  const [sink = 0, source = 0] = await freePorts(2)
  const own = replacing({
    'localhost:9092': from.bootstrapServers,
    'localhost:9094': from.bootstrapServers,
    'localhost:9096': to.bootstrapServers,
    'localhost:7070': `localhost:${s3.port}`,
    '8090': String(sink),
    '8089': String(source),
    'offset.flush.interval.ms=10000': 'offset.flush.interval.ms=500',
  })
  await using home = await openInstallation((text, path) => own(text).replaceAll('/tmp/', `${path}/`))
  const lines = linesOf(500)
  await writeFile(home.at('test.txt'), textOf(lines))
  await writeProperties(home.at('restored.properties'), {
    name: 'restored',
    'connector.class': 'FileStreamSink',
    file: home.at('restored.txt'),
    topics: 'restored-connect-test',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  })
  await writeProperties(home.at('written.properties'), {
    name: 'written',
    'connector.class': 'FileStreamSource',
    file: home.at('test.txt'),
    topic: 'connect-test',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  })

  await using backup = home.start(
    './bin/connect-standalone.sh config/connect-standalone-backup.properties config/s3-sink.properties written.properties',
  )
  await backup.printed('Created connector s3-sink', 60_000)
  // what comes after it has listed the backup, a restore sees at its next look only
  await eventually(
    'all is in the bucket',
    async () => {
      const objects = await readdir(dir.at('s3/kafka-backup/data/connect-test/0')).catch((): string[] => [])
      return objects.some((name) => name.endsWith('-0000000000000000499'))
    },
    60_000,
  )
  await using restore = home.start(
    './bin/connect-standalone.sh config/connect-standalone-restore.properties config/s3-source.properties restored.properties',
  )
  await restore.printed('Created connector s3-source', 60_000)
  assert.deepEqual(await (await fetch(`http://127.0.0.1:${sink}/connectors`)).json(), ['s3-sink', 'written'])
  await holdsExactly(home.at('restored.txt'), lines, 120_000)
  for (const worker of [backup, restore]) {
    worker.kill('SIGTERM')
    assert.equal(await worker.ended, 0, worker.output())
  }
  const log = await readFile(home.at('logs/connect.log'), 'utf8')
  for (const worker of [backup, restore])
    for (const line of worker.output().split('\n')) assert.ok(log.includes(line), line)
})
