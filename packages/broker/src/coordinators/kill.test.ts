import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import * as apis from '@isthmus/protocol/apis'
import { openRawClient } from '../testing/raw-client.ts'

const MAIN = new URL('../main.ts', import.meta.url).pathname

async function startProcess(dataDir: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [MAIN, '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout }))
    return { child, port: Number(line.split(':').at(-1)) }
  throw new Error('the broker did not start')
}
async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

test('kill -9 loses no commit, no member, no transaction, and repeats no producer id', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'isthmus-kill-'))
  let { child, port } = await startProcess(dataDir)
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) await kill(child)
    rmSync(dataDir, { recursive: true, force: true })
  })
  const ids = new Set<number>()
  let epoch = 0
  let memberId = ''
  for (let round = 1; round <= 5; round++) {
    await using client = await openRawClient(port)
    if (round === 1)
      await client.call(apis.createTopics, 7, {
        topics: [{ name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
        timeoutMs: 5000,
      })
    const idempotent = await client.call(apis.initProducerId, 5, {
      transactionalId: null,
      transactionTimeoutMs: 1,
    })
    ids.add(idempotent.producerId)

    if (round === 1) {
      const join = {
        groupId: 'g',
        sessionTimeoutMs: 60_000,
        rebalanceTimeoutMs: 60_000,
        protocolType: 'connect',
      }
      const protocols = [{ name: 'sessioned', metadata: Buffer.alloc(3) }]
      const first = await client.call(apis.joinGroup, 9, { ...join, protocols })
      memberId = first.memberId
      await client.call(apis.joinGroup, 9, { ...join, protocols, memberId })
      const assignments = [{ memberId, assignment: Buffer.from('work') }]
      await client.call(apis.syncGroup, 3, { groupId: 'g', memberId, generationId: 1, assignments })
    } else {
      const member = { groupId: 'g', memberId, generationId: 1 }
      assert.equal((await client.call(apis.heartbeat, 4, member)).errorCode, 0)
      assert.equal((await client.call(apis.syncGroup, 3, member)).assignment.toString(), 'work')
      // what the last round left open is still open, and still the producer's
      const open = { transactionalId: 'tx', producerId: -1, producerEpoch: epoch }
      const described = await client.call(apis.describeTransactions, 0, { transactionalIds: ['tx'] })
      const [state] = described.transactionStates
      assert.deepEqual([state?.transactionState, state?.producerEpoch], ['Ongoing', epoch])
      const producer = { ...open, producerId: state?.producerId ?? -1 }
      const ended = await client.call(apis.endTxn, 5, { ...producer, committed: round % 2 === 0 })
      assert.equal(ended.errorCode, 0)
    }

    const { groups } = await client.call(apis.offsetFetch, 9, {
      requireStable: true,
      groups: [
        { groupId: 'plain', topics: [{ name: 't', partitionIndexes: [0] }] },
        { groupId: 'transactional', topics: [{ name: 't', partitionIndexes: [0] }] },
      ],
    })
    const offsets = groups.map((g) => g.topics[0]?.partitions[0]?.committedOffset)
    // the transactions of odd rounds are committed in the even ones that follow
    const decided = round < 2 ? -1 : round % 2 === 0 ? round - 1 : round - 2
    assert.deepEqual(offsets, [round === 1 ? -1 : round - 1, decided])

    const producer = await client.call(apis.initProducerId, 5, {
      transactionalId: 'tx',
      transactionTimeoutMs: 60_000,
    })
    assert.equal(producer.errorCode, 0)
    epoch = producer.producerEpoch
    const commit = (committedOffset: number) => [
      { name: 't', partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: '' }] },
    ]
    const { producerId, producerEpoch } = producer
    const answers = await Promise.all([
      client.call(apis.offsetCommit, 9, { groupId: 'plain', topics: commit(round) }),
      client.call(apis.txnOffsetCommit, 5, {
        transactionalId: 'tx',
        groupId: 'transactional',
        producerId,
        producerEpoch,
        topics: commit(round),
      }),
    ])
    for (const { topics } of answers) assert.equal(topics[0]?.partitions[0]?.errorCode, 0)
    await kill(child)
    ;({ child, port } = await startProcess(dataDir))
  }
  assert.equal(ids.size, 5)
})
