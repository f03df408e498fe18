import assert from 'node:assert/strict'
import { it } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { type Member, openGroup } from './cluster.ts'
import { allRun, namesOf } from './watch.ts'

const SECRET = 'do-not-tell'
/** What somebody must find who looks for why a connector does not run, or why the group rebalances. */
const DECISIONS: readonly (readonly [logger: string, line: RegExp])[] = [
  ['NetworkClient', /Connected to 127\.0\.0\.1:\d+/],
  ['NetworkClient', /The coordinator of group cluster-\S+ is /],
  ['Metadata', /New metadata: .*cluster-\S+-configs has 1 partition/],
  ['WorkerCoordinator', /Joining group cluster-\S+ as a new member: joining/],
  ['WorkerCoordinator', /Joined group cluster-\S+ in generation \d+ as \S+, leader of 2 member/],
  ['DistributedHerder', /Joins with config offset \d+, claiming 2 connector\(s\) and \d task/],
  [
    'DistributedHerder',
    /As leader of generation \d+, protocol sessioned, .*http:\S+ has 1 connector\(s\) and 1 task/,
  ],
  ['DistributedHerder', /Assigned in generation \d+ as follower of http:/],
  ['DistributedHerder', /Connectors or tasks have changed, at config offset/],
  ['DistributedHerder', /Task configs of connector \S+, 1: giving them to the leader/],
  ['DistributedHerder', /A worker has 1 task configs stored for connector/],
  ['DistributedHerder', /Asking for the restart of connector tell-a and its tasks: 2 instance/],
  ['DistributedHerder', /A session key is to be written: there is none/],
  ['DistributedHerder', /Starting /],
  ['RestServer', /POST \/connectors\S* is for http:\S+ Only the leader can/],
  ['KafkaConfigBackingStore', /connector-tell-a was written at offset/],
  ['KafkaConfigBackingStore', /commit-tell-a is .*1/],
  ['KafkaConfigBackingStore', /connector-tell-a was deleted at offset/],
  ['KafkaConfigBackingStore', /session-key was written at offset/],
  ['ConsumerCoordinator', /\[tell-sink\|task-0\].*Group connect-tell-sink reads of topics tell-topic/],
  ['ConsumerCoordinator', /\[tell-sink\|task-0\].*Divided with range: .* has 0/],
]

it('a group at debug tells what it decides and why, and nothing that is secret', async () => {
  await using group = await openGroup(2, {}, { level: 'debug' })
  const [one, two] = group.members as [Member, Member]
  const present = { 'connector.class': 'test.PresentConnector', 'tasks.max': '1', tasks: '1', key: SECRET }
  // each by another worker: one of them must leave it to the leader
  await one.client.create({ name: 'tell-a', config: present })
  await two.client.create({ name: 'tell-b', config: present })
  const sink = { 'connector.class': 'test.CollectConnector', topics: 'tell-topic' }
  await one.client.create({ name: 'tell-sink', config: sink })
  await allRun(group.members, [...namesOf(['tell-a', 'tell-b'], 1), 'tell-sink', 'tell-sink-0'])
  const all = () => group.members.flatMap(({ lines }) => lines)
  const missing = () =>
    DECISIONS.filter(
      ([logger, line]) => !all().some((said) => said.includes(`.${logger})`) && line.test(said)),
    ).map(([logger, line]) => `${logger}: ${line}`)
  await fetch(`${two.url}connectors/tell-a/restart?includeTasks=true`, { method: 'POST' })
  await one.client.delete('tell-a')
  await eventually('all is told', async () => missing().length === 0).catch((error) => {
    assert.deepEqual(missing(), [], `${error}\n${all().join('')}`)
  })
  // a property that nobody has declared is told at info with all others, as in Java
  assert.ok(!all().some((line) => line.includes('] DEBUG ') && line.includes(SECRET)))
})
