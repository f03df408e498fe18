import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchWriter, errorOf } from '@isthmus/protocol'
import { initProducerId, produce } from '@isthmus/protocol/apis'
import type { Cluster } from '../../cluster/cluster.ts'

/** A topic of one partition that nobody else writes to. */
export interface SequencesTarget extends AsyncDisposable {
  readonly cluster: Pick<Cluster, 'request'>
  readonly topic: string
  readonly leader: number
}

/** Epoch, first sequence number and count of a batch, and what is answered: the offset of its first record, or an error. */
type Sent = readonly [epoch: number, first: number, count: number, answer: number | string]
const cases: { readonly [what: string]: readonly Sent[] } = {
  'batches in order are appended': [
    [0, 0, 2, 0],
    [0, 2, 1, 2],
  ],
  'a batch that is there already is not appended again': [
    [0, 0, 2, 0],
    [0, 2, 1, 2],
    [0, 0, 2, 0],
    [0, 3, 1, 3],
  ],
  'a gap is refused': [
    [0, 0, 1, 0],
    [0, 2, 1, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    [0, 1, 1, 1],
  ],
  'a batch with numbers of others is refused': [
    [0, 0, 2, 0],
    [0, 0, 1, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
  ],
  'only the last five are remembered': [
    ...[0, 1, 2, 3, 4, 5].map((n): Sent => [0, n, 1, n]),
    [0, 1, 1, 1],
    [0, 0, 1, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
  ],
  'a new epoch begins at 0': [
    [0, 0, 1, 0],
    [1, 1, 1, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    [1, 0, 1, 1],
  ],
  'an old epoch is refused': [
    [1, 0, 1, 0],
    [0, 1, 1, 'INVALID_PRODUCER_EPOCH'],
  ],
  'a producer that is not known may begin anywhere': [[0, 5, 1, 0]],
}

/** How brokers judge the numbers of idempotent producers: real ones, and the model that tests of producers play with. */
export function sequencesContract(open: () => Promise<SequencesTarget>): void {
  for (const [what, batches] of Object.entries(cases))
    test(`numbers of batches: ${what}`, async () => {
      await using target = await open()
      const { cluster } = target
      const body = { transactionalId: null, transactionTimeoutMs: 60_000 }
      const { producerId } = await cluster.request(initProducerId, body, { to: 'any' })
      for (const [epoch, first, count, answer] of batches)
        assert.equal(await send(target, producerId, epoch, first, count), answer, `${epoch}: ${first}`)
    })
}

async function send(
  { cluster, topic, leader }: SequencesTarget,
  producerId: number,
  producerEpoch: number,
  baseSequence: number,
  count: number,
): Promise<number | string> {
  const writer = new BatchWriter(1000)
  for (let i = 0; i < count; i++) writer.append(Date.now(), null, 'v', [])
  const records = Buffer.from(writer.finish({ producerId, producerEpoch, baseSequence }))
  const body = {
    transactionalId: null,
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  }
  const answer = await cluster.request(produce, body, { to: 'node', node: leader }, { maxVersion: 11 })
  const partition = answer.responses[0]?.partitionResponses[0]
  if (partition === undefined) return 'no answer'
  return partition.errorCode === 0 ? partition.baseOffset : errorOf(partition.errorCode).name
}
