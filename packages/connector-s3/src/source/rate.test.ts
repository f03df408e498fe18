import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openRate } from './rate.ts'

/** Takes all that there is whenever there is something, for so many seconds; answers with how many at which time. */
function play(perSecond: number, seconds: number) {
  let time = 0
  const rate = openRate(perSecond, () => time)
  const taken: { readonly at: number; readonly records: number }[] = []
  while (time < seconds * 1000) {
    const records = rate.available()
    if (records > 0) {
      rate.take(records)
      taken.push({ at: time, records })
    }
    const wait = rate.delay()
    assert.ok(wait > 0, 'nothing is left, and it is to be waited for nothing')
    time += wait
  }
  return taken
}
const sum = (taken: readonly { readonly records: number }[]) =>
  taken.reduce((total, { records }) => total + records, 0)

it('as many records as wanted are given each second, evenly', () => {
  for (const perSecond of [1, 3, 500, 100_000]) {
    const taken = play(perSecond, 10)
    assert.ok(Math.abs(sum(taken) - 10 * perSecond) <= Math.max(1, perSecond / 10), `${sum(taken)}`)
    for (let second = 0; second < 9; second++) {
      const within = taken.filter(({ at }) => at >= second * 1000 && at < second * 1000 + 1000)
      assert.ok(sum(within) <= perSecond * 1.1 + 1)
    }
  }
})

it('it is woken for a part of a second at once, not for each record', () => {
  assert.ok(play(100_000, 10).length <= 220)
})

it('what was not taken is saved up for a quarter of a second at most', () => {
  let time = 0
  const rate = openRate(1000, () => time)
  time = 60_000
  assert.equal(rate.available(), 250)
  rate.take(250)
  assert.equal(rate.available(), 0)
})

it('without a limit there is always enough', () => {
  const rate = openRate(0)
  rate.take(1_000_000)
  assert.equal(rate.available(), Number.POSITIVE_INFINITY)
  assert.equal(rate.delay(), 0)
})
