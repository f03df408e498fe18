import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin, openCluster } from '@isthmus/kafka'
import { apacheIsPossible } from '../apache/jars.ts'
import { openTwoBrokers } from '../apache/two-brokers.ts'
import { eventually } from '../process/eventually.ts'
import { makeTopics } from '../process/new-topics.ts'
import { openGroup } from './cluster.ts'
import { twice } from './plugins.ts'
import { allRun, namesOf } from './watch.ts'

const present = (note: string) => ({
  'connector.class': 'test.PresentConnector',
  'tasks.max': '2',
  tasks: '2',
  note,
})
const MORTAL = 2
const TRIES = 20

test('a group outlives the broker that leads its config topic, and goes on when leadership returns', {
  skip: !apacheIsPossible(),
}, async () => {
  await using brokers = await openTwoBrokers()
  await using cluster = openCluster({ 'bootstrap.servers': brokers.bootstrapServers })
  const leaderOf = async (topic: string) =>
    (await cluster.retry(() => cluster.topics())).find(({ name }) => name === topic)?.partitions[0]?.leader
  /** A config topic whose leader is the broker that dies. */
  const configTopic = await (async () => {
    for (let i = 0; i < TRIES; i++) {
      const name = `configs-${i}`
      const configs = { 'cleanup.policy': 'compact' }
      await makeTopics(openAdmin(cluster), [{ name, partitions: 1, replicationFactor: 2, configs }])
      if ((await eventually(`${name} has a leader`, () => leaderOf(name))) === MORTAL) return name
    }
    throw new Error(`none of ${TRIES} topics is led by broker ${MORTAL}`)
  })()
  await using group = await openGroup(
    3,
    {
      'config.storage.topic': configTopic,
      ...Object.fromEntries(
        ['config', 'offset', 'status'].map((kind) => [`${kind}.storage.replication.factor`, '2']),
      ),
    },
    { kafka: brokers.bootstrapServers },
  )
  const { members } = group
  const names: string[] = []
  /** Through each worker a new connector and a change of an old one. */
  const change = async (when: string) => {
    await Promise.all(
      members.map(async ({ client }, i) => {
        const name = `${when}-${i}`
        await client.put(name, present(when))
        names.push(name)
      }),
    )
    const [first = ''] = names
    await members[1]!.client.put(first, present(`changed ${when}`))
    await allRun(members, namesOf(names, 2))
    for (const { client } of members)
      await eventually(
        `${first} is ${when}`,
        async () => (await client.config(first))['note'] === `changed ${when}`,
      )
  }
  twice.length = 0
  await change('before')
  await brokers.mortal.kill()
  await change('without')
  assert.equal(await leaderOf(configTopic), 1)
  await brokers.mortal.start()
  await eventually('leadership returns', async () => (await leaderOf(configTopic)) === MORTAL, 60_000)
  await change('after')
  assert.deepEqual(twice, [])
})
