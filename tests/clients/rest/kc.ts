import { writeFile } from 'node:fs/promises'
import { openVenv } from '../python/venv.ts'
import { openPlay, type Played } from './play.ts'
import type { Stage } from './stage.ts'

export const kcVenv = () => openVenv('kc', new URL('kc.txt', import.meta.url))

/** Every command of `kc`, of kafka-connect-py, and what its library can besides. It is told the worker and the password by variables. */
export async function playKc(stage: Stage): Promise<readonly Played[]> {
  const venv = await kcVenv()
  const play = openPlay(stage, {
    KAFKA_CONNECT_URL: stage.url,
    KAFKA_CONNECT_BASIC_AUTH: `${stage.username}:${stage.password}`,
  })
  const kc = (args: string, ...more: readonly string[]) =>
    play.run('kc', venv('kc'), [...args.split(' '), ...more])
  const kcAndStates = (args: string) => play.run('kc', venv('kc'), args.split(' '), ['state', 'version'])
  const library = (call: string) =>
    play.run('python', venv('python'), [
      '-c',
      `import kafka_connect, os; print(kafka_connect.KafkaConnect(os.environ['KAFKA_CONNECT_URL'], os.environ['KAFKA_CONNECT_BASIC_AUTH']).${call})`,
    ])
  const source = { 'connector.class': 'FileStreamSource', file: `${stage.dir}/in.txt`, topic: 'lines' }
  const sink = { 'connector.class': 'FileStreamSink', file: `${stage.dir}/out.txt`, topics: 'lines' }
  await writeFile(`${stage.dir}/snk.json`, JSON.stringify({ name: 'snk', config: sink }))
  await writeFile(`${stage.dir}/src-config.json`, JSON.stringify({ ...source, 'batch.size': '7' }))

  await kc('--help')
  await kc('info')
  await kc('list')
  await kc('--auth ann:wrong list')
  await kc('create -d', JSON.stringify({ name: 'src', config: source }))
  await play.settle('src', 'RUNNING', 1)
  await kc('create -f snk.json')
  await play.settle('snk', 'RUNNING', 1)
  await kc('create -f snk.json')
  await kc('create -d', JSON.stringify({ name: 'bad', config: { ...source, 'tasks.max': 'many' } }))
  await kc('list')
  await kc('list --expand status')
  await kc('list --expand info')
  await kc('list --pattern s.c')
  await kc('list --state running')
  await kc('list --state paused --expand info')
  await kc('get src')
  await kc('get none')
  await kc('config src')
  await kc('status src')
  await kc('update src -f src-config.json')
  await play.settle('src', 'RUNNING', 1)
  await kc('update new -d', JSON.stringify(sink))
  await play.settle('new', 'RUNNING', 1)
  await kc('config src')
  await kc('list-tasks src')
  await kc('task-status src 0')
  await kc('task-status src 5')
  await play.used('src', 'lines')
  await kc('list-topics src')
  await kc('reset-topics snk')
  await kc('list-plugins')
  await kc('validate-config FileStreamSource -f src-config.json')
  await kc('pause src')
  await play.settle('src', 'PAUSED', 1)
  await kc('list --state paused')
  await kc('pause --all --pattern n')
  await play.settle('new', 'PAUSED', 1)
  await kc('resume src')
  await play.settle('src', 'RUNNING', 1)
  await kc('resume --all')
  await play.settle('new', 'RUNNING', 1)
  await kcAndStates('restart src')
  await play.settle('src', 'RUNNING', 1)
  await kcAndStates('restart src --include-tasks --only-failed')
  await kcAndStates('restart --all --include-tasks')
  for (const name of ['src', 'snk', 'new']) await play.settle(name, 'RUNNING', 1)
  await kc('restart-task src 0')
  await play.settle('src', 'RUNNING', 1)
  await library("stop_connector('src')")
  await play.settle('src', 'STOPPED', 0)
  await library("stop_all_connectors(pattern='n')")
  await play.settle('new', 'STOPPED', 0)
  await kc('delete new')
  await kc('delete new')
  await kc('delete --all')
  await kc('list')
  return play.played
}
