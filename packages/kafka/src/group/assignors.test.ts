import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { partitionName, type TopicPartition } from '../topic-partition.ts'
import type { AssignedMember, Shares } from './assignment.ts'
import { assignorsOf } from './assignors.ts'
import {
  decodeAssignment,
  decodeStickyData,
  decodeSubscription,
  encodeAssignment,
  encodeStickyData,
  encodeSubscription,
} from './consumer-protocol.ts'

interface Golden {
  readonly counts: { readonly [topic: string]: number }
  readonly cases: readonly {
    readonly name: string
    readonly members: readonly {
      readonly id: string
      readonly instance: string | null
      readonly topics: readonly string[]
      readonly owned: readonly string[]
      readonly generation: number
      readonly subscription: string
    }[]
    readonly results: { readonly [assignor: string]: unknown }
  }[]
}
const golden: Golden = JSON.parse(readFileSync(new URL('./golden/assignments.json', import.meta.url), 'utf8'))
const counts = new Map(Object.entries(golden.counts))

const parse = (name: string): TopicPartition => {
  const at = name.lastIndexOf('-')
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) }
}
const named = (shares: Shares) =>
  Object.fromEntries([...shares].sort().map(([member, share]) => [member, share.map(partitionName).sort()]))
const sorted = (shares: unknown) =>
  Object.fromEntries(
    Object.entries(shares as { [member: string]: string[] }).map(([member, share]) => [member, share.sort()]),
  )
/**
 * Shares as even as Java's, not the same: where subscriptions differ our algorithm is another, and of two equal claims Java's
 * `sticky` lets the later one stand, because it looks for the other's generation in a field that eager members do not fill.
 */
const asEven = new Set([
  'sticky: different subscriptions',
  'cooperative-sticky: different subscriptions',
  'sticky: both claim a partition in the same generation',
])

for (const { name, members, results } of golden.cases) {
  const described: AssignedMember[] = members.map((m) => ({
    memberId: m.id,
    groupInstanceId: m.instance,
    subscription: { topics: m.topics, userData: null, owned: m.owned.map(parse), generation: m.generation },
  }))
  for (const assignor of ['range', 'roundrobin', 'sticky', 'cooperative-sticky']) {
    test(`${assignor} assigns as Java: ${name}`, () => {
      const [chosen] = assignorsOf([assignor])
      const informed = described.map((m) => {
        const { owned, generation } = m.subscription
        if (assignor !== 'sticky' || generation < 0) return m
        const userData = encodeStickyData(owned, generation)
        assert.equal(userData.toString('hex'), results[`stickyData:${m.memberId}`])
        return { ...m, subscription: { ...m.subscription, userData, owned: [], generation: -1 } }
      })
      const shares = named(chosen!.assign(counts, informed))
      const java = sorted(results[assignor])
      if (!asEven.has(`${assignor}: ${name}`)) {
        assert.deepEqual(shares, java)
        return
      }
      const sizes = (s: { [member: string]: string[] }) => Object.values(s).map((share) => share.length)
      assert.deepEqual(sizes(shares).sort(), sizes(java).sort())
    })
  }
  test(`a subscription has Java's bytes: ${name}`, () => {
    for (const [i, { subscription }] of members.entries()) {
      const own = described[i]!.subscription
      assert.equal(encodeSubscription(own).toString('hex'), subscription)
      const topics = own.topics.toSorted()
      assert.deepEqual(decodeSubscription(Buffer.from(subscription, 'hex')), { ...own, topics })
    }
  })
}

test("an assignment has Java's bytes, and nothing at all is an empty one", () => {
  const share = ['t-0', 't-5', 'u-2'].map(parse)
  const bytes = '0003000000020001740000000200000000000000050001750000000100000002ffffffff'
  assert.equal(encodeAssignment(share).toString('hex'), bytes)
  assert.deepEqual(decodeAssignment(Buffer.from(bytes, 'hex')), share)
  assert.deepEqual(decodeAssignment(Buffer.alloc(0)), [])
})

test('an old subscription has what its version lacks by default, a newer one is read as far as known', () => {
  const v0 = Buffer.from('000000000001000174ffffffff', 'hex')
  assert.deepEqual(decodeSubscription(v0), { topics: ['t'], userData: null, owned: [], generation: -1 })
  const v9 = Buffer.from('000900000001000174ffffffff00000000000000070001724142', 'hex')
  assert.equal(decodeSubscription(v9).generation, 7)
})

test('user data that nobody understands counts as none', () => {
  assert.deepEqual(decodeStickyData(Buffer.from('ffee', 'hex')), { owned: [], generation: -1 })
})

test('whatever members want and hold, sticky shares are complete, allowed and even', () => {
  let state = 11
  const random = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  for (let round = 0; round < 300; round++) {
    const topics = Array.from({ length: 1 + random(4) }, (_, i) => `t${i}`)
    const sizes = new Map(topics.map((t) => [t, 1 + random(8)]))
    const members: AssignedMember[] = Array.from({ length: 1 + random(5) }, (_, i) => {
      const wanted = topics.filter(() => random(3) > 0)
      const owned = wanted.flatMap((topic) =>
        Array.from({ length: random(4) }, () => ({ topic, partition: random(9) })),
      )
      const distinct = [...new Map(owned.map((p) => [partitionName(p), p])).values()]
      const subscription = { topics: wanted, userData: null, owned: distinct, generation: random(3) }
      return { memberId: `m${i}`, groupInstanceId: null, subscription }
    })
    const [sticky] = assignorsOf(['cooperative-sticky'])
    // each round's shares are what the members hold in the next, until nothing moves any more
    let held = members
    let shares = sticky!.assign(sizes, held)
    for (let turn = 0; turn < 4; turn++) {
      held = held.map((m) => ({
        ...m,
        subscription: { ...m.subscription, owned: shares.get(m.memberId) ?? [], generation: 5 + turn },
      }))
      shares = sticky!.assign(sizes, held)
    }
    const all = [...shares.values()].flat().map(partitionName)
    assert.equal(new Set(all).size, all.length, 'nothing twice')
    const wanted = new Set(members.flatMap((m) => m.subscription.topics))
    assert.equal(
      all.length,
      topics.reduce((sum, t) => sum + (wanted.has(t) ? (sizes.get(t) ?? 0) : 0), 0),
    )
    for (const giver of held) {
      const own = shares.get(giver.memberId) ?? []
      for (const p of own) {
        assert.ok(giver.subscription.topics.includes(p.topic))
        for (const other of held)
          if (other.subscription.topics.includes(p.topic))
            assert.ok(
              (shares.get(other.memberId)?.length ?? 0) + 1 >= own.length,
              'no move would even it out',
            )
      }
    }
    assert.deepEqual(named(sticky!.assign(sizes, held)), named(shares), 'and then all stays')
  }
})
