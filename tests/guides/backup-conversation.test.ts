import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openBroker } from '@isthmus/broker'
import { s3ServerIsAbsent } from '@isthmus/connector-s3/testing'
import { eventually } from '../process/eventually.ts'
import { sourceProps } from '../process/file-copy.ts'
import { startWorker } from '../process/group-worker.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { replacing } from './installation.ts'
import { openFolderServer } from './versitygw.ts'

const BUCKET = 'bugcrowd-msk-development-evangelia-backup'
const CONFIG = {
  'connector.class': 'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector',
  'tasks.max': '1',
  'topics.regex': '.*',
  prefix: 'data',
  'aws.s3.bucket': BUCKET,
  'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
  'key.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
}

/** What a fresh installation has, beside the connectors of the Apache distribution. */
const SHIPPED = [
  'com.gpudb.kafka.GPUdbSinkConnector',
  'com.gpudb.kafka.GPUdbSourceConnector',
  'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector',
  'com.instaclustr.kafka.connect.s3.source.AwsStorageSourceConnector',
  'com.kinetica.kafka.KineticaSinkConnector',
  'com.kinetica.kafka.KineticaSourceConnector',
]

// configurations without credentials, which a worker's environment has
test('backups are listed, created, looked at and deleted over REST as their guide prints it', {
  skip: await s3ServerIsAbsent('versitygw'),
}, async () => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  const [key, secret] = ['backup-key', 'backup-secret']
  await using s3 = await openFolderServer(dir.at('s3'), {
    buckets: [BUCKET],
    region: 'us-west-2',
    key,
    secret,
  })
  await using worker = await startWorker.isthmus(
    dir.at('worker'),
    {
      'bootstrap.servers': broker.bootstrapServers,
      'group.id': 'backups',
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'config.storage.topic': 'backups-config',
      'offset.storage.topic': 'backups-offset',
      'status.storage.topic': 'backups-status',
      'config.storage.replication.factor': '1',
      'offset.storage.replication.factor': '1',
      'status.storage.replication.factor': '1',
      'offset.flush.interval.ms': '500',
      // how often a regular expression is held against the topics there are
      'consumer.metadata.max.age.ms': '1000',
    },
    {
      AWS_ACCESS_KEY_ID: key,
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${s3.port}`,
    },
  )
  await eventually(
    'the worker is ready',
    async () => (await fetch(`http://${worker.id}/health`).catch(() => null))?.ok,
  )

  const plugins = (await worker.client.plugins()).map((plugin) => plugin.class)
  for (const name of SHIPPED) assert.ok(plugins.includes(name), name)

  const own = replacing({ '127.0.0.1:8083': worker.id, 'kafka-connect-evangelia-backup:8083': worker.id })
  /** Runs a command as printed; what it prints, and the status of the answer. */
  const run = async (command: string): Promise<{ text: string; status: string }> => {
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      `${own(command).trim()} -s -w '\n%{http_code}'`,
    ])
    const [, text = '', status = ''] = /^(.*)\n(\d+)$/s.exec(stdout) ?? []
    return { text, status }
  }

  for (const name of ['kafka-backup-20210315101010', 'kafka-backup-20210316101010'])
    await worker.client.put(name, { ...CONFIG, 'topics.regex': `of-${name}` })
  const listed = await run('curl -X GET -H "Accept: application/json" http://127.0.0.1:8083/connectors')
  assert.equal(listed.status, '200')
  assert.deepEqual(JSON.parse(listed.text).sort(), [
    'kafka-backup-20210315101010',
    'kafka-backup-20210316101010',
  ])

  const created =
    await run(`curl http://kafka-connect-evangelia-backup:8083/connectors -X POST -H 'Content-Type: application/json' -d '{
   "name":"kafka-backup-20210317101010",
   "config":{
      "connector.class":"com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector",
      "tasks.max":"1",
      "topics.regex":".*",
      "prefix":"data",
      "aws.s3.bucket":"bugcrowd-msk-development-evangelia-backup",
      "value.converter":"org.apache.kafka.connect.converters.ByteArrayConverter",
      "key.converter":"org.apache.kafka.connect.converters.ByteArrayConverter"
   }
}'`)
  assert.equal(created.status, '201', created.text)
  assert.equal(JSON.parse(created.text).name, 'kafka-backup-20210317101010')

  await eventually('its task is known', async () => {
    const { text, status } = await run(
      'curl -X GET -H "Accept: application/json" http://127.0.0.1:8083/connectors/kafka-backup-20210317101010',
    )
    assert.equal(status, '200')
    const answer = JSON.parse(text)
    if (answer.tasks.length === 0) return false
    assert.deepEqual(answer, {
      name: 'kafka-backup-20210317101010',
      config: { name: 'kafka-backup-20210317101010', ...CONFIG },
      tasks: [{ connector: 'kafka-backup-20210317101010', task: 0 }],
      type: 'sink',
    })
    return true
  })

  // a topic that comes later is in the backup too
  await writeFile(dir.at('in.txt'), 'one\ntwo\n')
  const { name, ...source } = sourceProps('later', dir.at('in.txt'))
  await worker.client.put(name ?? '', source)
  const objects = () => readdir(dir.at(`s3/${BUCKET}/data/later/0`)).catch((): string[] => [])
  await eventually(
    'the topic is in the bucket',
    async () => (await objects()).some((object) => object.endsWith('-0000000000000000001')),
    60_000,
  ).catch(async (cause) => {
    throw new Error(`there are ${await objects()}; the worker said\n${worker.output()}`, { cause })
  })

  const deleted = await run('curl -X DELETE http://127.0.0.1:8083/connectors/kafka-backup-20210317101010')
  assert.deepEqual(deleted, { text: '', status: '204' })
  const left = await run('curl -X GET -H "Accept: application/json" http://127.0.0.1:8083/connectors')
  assert.ok(!JSON.parse(left.text).includes('kafka-backup-20210317101010'))
})
