/** For tests: a group whose members run what they are told, round after round. */
import assert from 'node:assert/strict'
import { assignCooperative, FIRST_ROUND, type RoundResult, type Rounds } from '../group/assign-cooperative.ts'
import { isNoWork, keysOf, type Work, workAfter } from '../group/work.ts'

export class GroupPlay {
  readonly connectors = new Map<string, number>()
  readonly workers = new Map<string, Work>()
  readonly maxDelayMs: number
  nowMs = 1_000_000
  generation = 1000
  rounds: Rounds = { ...FIRST_ROUND, generation: 1000 }
  last: RoundResult | null = null

  constructor(maxDelayMs: number, workers = 1, connectors = 2) {
    this.maxDelayMs = maxDelayMs
    for (let i = 1; i <= workers; i++) this.join(`worker${i}`)
    for (let i = 1; i <= connectors; i++) this.connectors.set(`connector${i}`, 4)
  }
  join(worker: string, running: Work = { connectors: [], tasks: [] }): void {
    assert.ok(!this.workers.has(worker))
    this.workers.set(worker, running)
  }
  leave(worker: string): void {
    assert.ok(this.workers.delete(worker))
  }
  /** Another worker leads from now on; it remembers nothing. */
  newLeader(): void {
    this.rounds = { ...FIRST_ROUND, generation: this.generation }
  }
  configured(): Work {
    return {
      connectors: [...this.connectors.keys()],
      tasks: [...this.connectors].flatMap(([connector, count]) =>
        Array.from({ length: count }, (_, task) => ({ connector, task })),
      ),
    }
  }
  /** `lost`: nobody hears of what was assigned. `behind`: the leader did not complete the round before this one. */
  round(fault?: 'lost' | 'behind'): RoundResult {
    this.generation++
    const { rounds, result } = assignCooperative(this.rounds, {
      generation: this.generation,
      lastCompleted: this.generation - (fault === 'behind' ? 2 : 1),
      nowMs: this.nowMs,
      maxDelayMs: this.maxDelayMs,
      running: this.workers,
      configured: this.configured(),
    })
    this.rounds = rounds
    this.last = result
    this.assertAssignedOnce(result)
    if (fault === 'lost') return result
    for (const [worker, work] of this.workers) {
      const after = workAfter(work, of(result.revoked, worker), of(result.assigned, worker))
      this.workers.set(worker, after)
      assert.deepEqual(keysOf(after), keysOf(of(result.all, worker)), `what ${worker} runs`)
    }
    return result
  }
  loads(kind: keyof Work): number[] {
    return [...this.workers.values()].map((work) => work[kind].length).sort((a, b) => a - b)
  }
  assertLoads(connectors: readonly number[], tasks: readonly number[]): void {
    assert.deepEqual([this.loads('connectors'), this.loads('tasks')], [connectors, tasks])
  }
  assertNothingMoved(): void {
    for (const work of [...(this.last?.assigned.values() ?? [])]) assert.ok(isNoWork(work))
    this.assertNothingRevoked()
  }
  assertNothingRevoked(): void {
    for (const work of this.last?.revoked.values() ?? []) assert.ok(isNoWork(work))
  }
  assertWhole(): void {
    const all = [...this.workers.values()].flatMap((work) => [...keysOf(work)])
    assert.deepEqual(new Set(all), keysOf(this.configured()))
    assert.equal(all.length, new Set(all).size, 'something runs twice')
    for (const kind of ['connectors', 'tasks'] as const) {
      const loads = this.loads(kind)
      assert.ok((loads.at(-1) ?? 0) - (loads[0] ?? 0) <= 1, `${kind} are out of balance: ${loads}`)
    }
  }
  private assertAssignedOnce({ assigned }: RoundResult): void {
    const given = [...assigned.values()].flatMap((work) => [...keysOf(work)])
    assert.equal(given.length, new Set(given).size, 'assigned twice')
    const running = new Set([...this.workers.values()].flatMap((work) => [...keysOf(work)]))
    for (const key of given) assert.ok(!running.has(key), `${key} was running already`)
  }
}

const of = (shares: ReadonlyMap<string, Work>, worker: string): Work =>
  shares.get(worker) ?? { connectors: [], tasks: [] }
