import type { Cluster } from '../../cluster/cluster.ts'
import { type ConsumerGroup, type GroupEvent, openConsumerGroup } from '../../group/consumer-group.ts'
import type { Subscription } from '../../group/topics.ts'
import type { ClientProps } from '../../properties/types.ts'

/** Members that notice soon. Brokers allow no session below 6 s by default. */
export const quick = {
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '200',
  'metadata.max.age.ms': '500',
}

/** A member that lets go at once, having committed 10 more than the partition's number. */
export class TestMember implements AsyncDisposable {
  readonly group: ConsumerGroup
  readonly owned = new Map<number, number | null>()
  readonly events: GroupEvent[] = []
  private readonly waiting = new Set<() => void>()
  private reading: Promise<void>

  constructor(cluster: Cluster, props: ClientProps, subscription: Subscription) {
    this.group = openConsumerGroup(cluster, { ...quick, ...props }, subscription)
    this.reading = this.read()
  }
  private async read(): Promise<void> {
    for await (const event of this.group.events(new AbortController().signal)) {
      this.events.push(event)
      if (event.type === 'assigned') for (const p of event.partitions) this.owned.set(p.partition, p.offset)
      if (event.type === 'revoked')
        await this.group.commit(event.partitions.map((p) => ({ ...p, offset: 10 + p.partition })))
      if (event.type !== 'assigned') for (const p of event.partitions) this.owned.delete(p.partition)
      if (event.type === 'revoked') event.done()
      for (const look of this.waiting) look()
    }
  }
  get partitions(): number[] {
    return [...this.owned.keys()].sort()
  }
  /** Resolves when `fits` is so after some event; fails after 20 s. */
  until(fits: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!fits()) return
        clearTimeout(timer)
        this.waiting.delete(look)
        resolve()
      }
      const timer = setTimeout(() => {
        const seen = this.events.map((e) => `${e.type} ${e.partitions.map((p) => p.partition)}`).join('; ')
        reject(new Error(`Not within 20 s: ${fits}; events: ${seen}`))
      }, 20_000)
      this.waiting.add(look)
      look()
    })
  }
  /** To be called before its cluster is closed under it. */
  perish(): void {
    this.reading = this.reading.catch(() => undefined)
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.group[Symbol.asyncDispose]()
    await this.reading
  }
}
