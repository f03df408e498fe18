import { appendFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { type Admin, openAdmin, openCluster } from '@isthmus/kafka'
import { eventually } from '../process/eventually.ts'
import { newTopic, sinkProps, sourceProps, workerProps } from '../process/file-copy.ts'
import { isthmusStandalone, openBrokerProcess } from '../process/isthmus.ts'
import { holdsExactly, linesOf, readLines, textOf } from '../process/lines.ts'
import { openTempDir } from '../process/temp-dir.ts'

test('a topic deleted under a running copy is made again, and later lines arrive', async () => {
  await using dir = await openTempDir()
  await using broker = await openBrokerProcess(dir.at('broker'))
  const topic = newTopic()
  const lines = linesOf(100)
  await writeFile(dir.at('input'), textOf(lines))
  await using _worker = await isthmusStandalone({
    dir: dir.path,
    worker: workerProps(broker.bootstrapServers, dir.at('offsets'), {
      'consumer.metadata.max.age.ms': '500',
      'producer.metadata.max.age.ms': '500',
    }),
    connectors: [sourceProps(topic, dir.at('input')), sinkProps(topic, dir.at('output'))],
  })
  await holdsExactly(dir.at('output'), lines)
  await using cluster = openCluster({ 'bootstrap.servers': broker.bootstrapServers })
  const admin: Admin = openAdmin(cluster)
  await admin.deleteTopics([topic])
  let sent = 0
  await eventually(
    'a line written after the deletion arrives',
    async () => {
      await appendFile(dir.at('input'), `after ${++sent}\n`)
      return (await readLines(dir.at('output'))).some((line) => line.startsWith('after '))
    },
    60_000,
  )
})
