import type { ResponseOf } from '@isthmus/protocol'
import type { findCoordinator } from '@isthmus/protocol/apis/client'
import { kafkaError } from '../errors.ts'
import type { ClientLog } from '../log.ts'
import type { Address } from '../net/socket.ts'
import type { CoordinatorKind } from './target.ts'

/** Asks any broker, once. */
export type AskCoordinator = (keyType: number, key: string) => Promise<ResponseOf<typeof findCoordinator>>
export type Retry = <T>(attempt: () => Promise<T>) => Promise<T>

/** Which broker coordinates which group or transactional id. */
export class Coordinators {
  private readonly found = new Map<string, Address>()
  private readonly searches = new Map<string, Promise<Address>>()
  private readonly ask: AskCoordinator
  private readonly retry: Retry
  private readonly log: ClientLog

  constructor(ask: AskCoordinator, retry: Retry, log: ClientLog) {
    this.ask = ask
    this.retry = retry
    this.log = log
  }

  known(kind: CoordinatorKind, key: string): Address | undefined {
    return this.found.get(`${kind}:${key}`)
  }
  forget(kind: CoordinatorKind, key: string): void {
    if (this.found.delete(`${kind}:${key}`))
      this.log.debug(`The coordinator of ${kind} ${key} is to be found anew`)
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
    this.log.debug(`The coordinator of ${kind} ${key} is ${host}:${port}`)
    return address
  }
}
