import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '@isthmus/sdk'
import { type Answers, openConversation, type Question, reply } from './conversation.ts'

interface Sums {
  add: { ask: readonly [number, number]; answer: number }
  halve: { ask: number; answer: number }
}

/** Two sides: what one asks the other answers. `sent` is what has been asked. */
function between(answers: Partial<Answers<Sums>>, require?: (question: Question<Sums>) => void) {
  const sent: Question<Sums>[] = []
  const asking = openConversation<Sums>((question) => {
    sent.push(question)
    void reply(question, answers, asking.answered, require)
  })
  return { asking, sent }
}

describe('a conversation', () => {
  it('matches answers to questions, in whatever order they come', async () => {
    const first = Promise.withResolvers<number>()
    const { asking } = between({
      add: ([a, b]) => (a === 1 ? first.promise : a + b),
      halve: (whole) => whole / 2,
    })
    const slow = asking.ask('add', [1, 2])
    assert.deepEqual(await Promise.all([asking.ask('halve', 8), asking.ask('add', [2, 2])]), [4, 4])
    first.resolve(3)
    assert.equal(await slow, 3)
  })

  it('carries what went wrong to who asked, with its code', async () => {
    const { asking } = between({
      halve() {
        throw new ConnectError('config', 'odd')
      },
    })
    await assert.rejects(asking.ask('halve', 3), { code: 'config', message: 'odd' })
    await assert.rejects(asking.ask('add', [1, 2]), {
      code: 'internal',
      message: "Nothing here answers 'add'",
    })
  })

  it('answers no question that is not as it must be', async () => {
    const { asking } = between({ halve: (whole) => whole / 2 }, ({ ask }) => {
      if (typeof ask !== 'number') throw new ConnectError('connect', 'no number')
    })
    await assert.rejects(asking.ask('add', [1, 2]), { message: 'no number' })
    assert.equal(await asking.ask('halve', 2), 1)
  })

  it('that is closed rejects what is open and what comes, and asks nothing more', async () => {
    const { asking, sent } = between({ halve: () => new Promise<never>(() => {}) })
    const open = asking.ask('halve', 1)
    asking.close(new ConnectError('state', 'over'))
    await assert.rejects(open, { code: 'state' })
    await assert.rejects(asking.ask('halve', 2), { code: 'state', message: 'over' })
    assert.equal(sent.length, 1)
    asking.answered({ type: 'answer', id: 1, answer: 5 })
  })
})
