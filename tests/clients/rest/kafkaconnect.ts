import { writeFile } from 'node:fs/promises'
import { openVenv } from '../python/venv.ts'
import { openPlay, type Played } from './play.ts'
import type { Stage } from './stage.ts'

export const kafkaconnectVenv = () => openVenv('kafkaconnect', new URL('kafkaconnect.txt', import.meta.url))

/** Every command of `kafkaconnect`. It knows no passwords; what it creates by `create` is of the classes that its files name. */
export async function playKafkaconnect(stage: Stage): Promise<readonly Played[]> {
  const venv = await kafkaconnectVenv()
  const play = openPlay(stage, { KAFKA_CONNECT_URL: stage.url, KAFKA_BROKER_URL: stage.bootstrapServers })
  const kafkaconnect = (args: string) => play.run('kafkaconnect', venv('kafkaconnect'), args.split(' '))
  const source = { 'connector.class': 'FileStreamSource', file: `${stage.dir}/in.txt`, topic: 'lines' }
  const sink = { 'connector.class': 'FileStreamSink', file: `${stage.dir}/out.txt`, topics: 'lines' }
  const files = { source, sink, named: { ...sink, name: 'named' }, wrong: { ...source, topic: '' } }
  for (const [name, config] of Object.entries(files))
    await writeFile(`${stage.dir}/${name}.json`, JSON.stringify(config))

  await kafkaconnect('--help')
  await kafkaconnect('help upload')
  await kafkaconnect('list')
  await kafkaconnect('plugins')
  await kafkaconnect('upload source.json --name src --dry-run')
  await kafkaconnect('upload source.json --name src')
  await play.settle('src', 'RUNNING', 1)
  await kafkaconnect('upload source.json --name src')
  await play.settle('src', 'RUNNING', 1)
  await kafkaconnect('upload wrong.json --name wrong --dry-run')
  await kafkaconnect('upload wrong.json --name wrong')
  await kafkaconnect('info src')
  await kafkaconnect('config src')
  await kafkaconnect('status src')
  await kafkaconnect('tasks src')
  await play.used('src', 'lines')
  await kafkaconnect('topics src')
  for (const command of ['info', 'config', 'status', 'tasks', 'pause', 'resume', 'restart', 'delete'])
    await kafkaconnect(`${command} none`)
  await kafkaconnect('pause src')
  await play.settle('src', 'PAUSED', 1)
  await kafkaconnect('status src')
  await kafkaconnect('resume src')
  await play.settle('src', 'RUNNING', 1)
  await kafkaconnect('restart src')
  await play.settle('src', 'RUNNING', 1)
  await kafkaconnect('create jdbc-sink sink.json --name sql --dry-run')
  await kafkaconnect('create jdbc-sink sink.json --name sql')
  await play.settle('sql', 'RUNNING', 1)
  await kafkaconnect('create s3-sink named.json')
  await kafkaconnect('create s3-sink named.json --aws-access-key-id a --aws-secret-access-key b')
  await play.settle('named', 'RUNNING', 1)
  const mirror = 'create mirrormaker2 --name mm -h sink.json -c sink.json -m source.json'
  await kafkaconnect(`${mirror} --dry-run`)
  await kafkaconnect(mirror)
  for (const name of ['mm-heartbeat', 'mm-checkpoint', 'mm-mirror-source'])
    await play.settle(name, 'RUNNING', 1)
  // a class that nobody here has, and topics as the client finds them in Kafka
  const influx = 'create influxdb-sink --name influx --topic-regex li.*'
  await kafkaconnect(`${influx} --dry-run`)
  await kafkaconnect(`${influx} --validate`)
  await kafkaconnect(`${influx}`)
  for (const name of ['src', 'sql', 'named', 'mm-heartbeat', 'mm-checkpoint', 'mm-mirror-source'])
    await kafkaconnect(`delete ${name}`)
  await kafkaconnect('list')
  return play.played
}
