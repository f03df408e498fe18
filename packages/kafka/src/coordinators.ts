import type { ResponseOf } from '@isthmus/protocol'
import type { findCoordinator } from '@isthmus/protocol/apis/client'
import { kafkaError } from './errors.ts'
import type { Address } from './socket.ts'

export type CoordinatorKind = 'group' | 'transaction'
/** Asks any broker, once. */
export type AskCoordinator = (keyType: number, key: string) => Promise<ResponseOf<typeof findCoordinator>>
export type Retry = <T>(attempt: () => Promise<T>) => Promise<T>

/** Which broker coordinates which group or transactional id. */
export class Coordinators {
  private readonly found = new Map<string, Address>()
  private readonly searches = new Map<string, Promise<Address>>()
  private readonly ask: AskCoordinator
  private readonly retry: Retry

  constructor(ask: AskCoordinator, retry: Retry) {
    this.ask = ask
    this.retry = retry
  }

  known(kind: CoordinatorKind, key: string): Address | undefined {
    return this.found.get(`${kind}:${key}`)
  }
  forget(kind: CoordinatorKind, key: string): void {
    this.found.delete(`${kind}:${key}`)
  }
  /** Waits for a coordinator to be elected; callers share one search. */
  find(kind: CoordinatorKind, key: string): Promise<Address> {
    const id = `${kind}:${key}`
    const known = this.found.get(id)
    if (known) return Promise.resolve(known)
    let search = this.searches.get(id)
    if (!search) {
      search = this.retry(() => this.search(kind, key)).finally(() => this.searches.delete(id))
      this.searches.set(id, search)
    }
    return search
  }
  private async search(kind: CoordinatorKind, key: string): Promise<Address> {
    const answer = await this.ask(kind === 'group' ? 0 : 1, key)
    // from version 4 on many keys are asked at once
    const { errorCode, errorMessage, host, port } = answer.coordinators[0] ?? answer
    if (errorCode !== 0)
      throw kafkaError(errorCode, `Finding the coordinator of ${kind} ${key}`, errorMessage)
    const address = { host, port }
    this.found.set(`${kind}:${key}`, address)
    return address
  }
}
