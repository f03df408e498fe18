import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { TestMember } from '../testing/contract/test-member.ts'
import { openOwnBroker } from '../testing/own-broker.ts'
import { openConsumerGroup } from './consumer-group.ts'

/** Longer than a test may take: whoever waits for a dead member fails. */
const props = {
  'session.timeout.ms': '600000',
  'max.poll.interval.ms': '600000',
  'heartbeat.interval.ms': '200',
}

test('a member that has gone while its coordinator was away takes leave when that is back, so that the next need not wait for it', async () => {
  await using own = await openOwnBroker()
  const topic = await own.topic(2)
  const group = { ...own.props, ...props, 'group.id': 'left' }
  const former = openConsumerGroup(own.cluster, group, { topics: [topic] })
  for await (const event of former.events(new AbortController().signal)) if (event.type === 'assigned') break
  await own.stop()
  const closing = new AbortController()
  const closed = former.close(closing.signal)
  await own.start()
  await using next = new TestMember(own.cluster, group, { topics: [topic] })
  await next.until(() => next.owned.size === 2)
  await closed
  assert.ok(!closing.signal.aborted)
})

test('a coordinator that cannot take a leave yet is told again', async () => {
  await using own = await openOwnBroker()
  const topic = await own.topic(2)
  const group = { ...own.props, ...props, 'group.id': 'left' }
  const former = openConsumerGroup(own.cluster, group, { topics: [topic] })
  for await (const event of former.events(new AbortController().signal)) if (event.type === 'assigned') break
  let asked = 0
  // answered so, but not carried out
  using _ = own.broker.intercept('LeaveGroup', () => {
    const error = ['COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE'][asked++]
    return error === undefined
      ? undefined
      : { answer: { errorCode: errorIds[error as keyof typeof errorIds] } }
  })
  await former.close(new AbortController().signal)
  assert.equal(asked, 4)
  await using next = new TestMember(own.cluster, group, { topics: [topic] })
  await next.until(() => next.owned.size === 2)
})

test('a member that takes leave from nobody gives up when it is told to', async () => {
  await using own = await openOwnBroker()
  const topic = await own.topic()
  const member = openConsumerGroup(
    own.cluster,
    { ...own.props, ...props, 'group.id': 'left' },
    { topics: [topic] },
  )
  for await (const event of member.events(new AbortController().signal)) if (event.type === 'assigned') break
  await own.stop()
  const closing = new AbortController()
  const closed = member.close(closing.signal)
  let over = false
  void closed.then(() => {
    over = true
  })
  // an attempt or two, which nobody answers
  await own.cluster.nodes().catch(() => {})
  assert.ok(!over)
  closing.abort()
  await closed
})
