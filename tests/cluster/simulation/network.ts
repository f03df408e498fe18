import type { Process, World } from './world.ts'

/** The way from one worker to the brokers. */
export interface Link {
  readonly owner: Process
  state: 'up' | 'down' | 'silent'
  /** Of a hundred requests, how many are lost on their way, or their answers. */
  loss: number
}

export class Unreachable extends Error {
  readonly kafka = 'DISCONNECTED'
  readonly retriable = true
}

export const openLink = (owner: Process): Link => ({ owner, state: 'up', loss: 0 })

/**
 * A request over a link: `serve` is done at the other end, unless it is lost. Rejects when the connection breaks; when it is silent
 * nothing comes at all.
 */
export function ask<T>(world: World, link: Link, serve: () => T | Promise<T>): Promise<T> {
  const { owner } = link
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const latency = () => 1 + world.random(world.chance(10) ? 60 : 8)
  const fail = () => world.after(latency(), owner, () => reject(new Unreachable('The connection broke')))
  const passes = () => {
    if (link.state === 'silent') return false
    if (link.state === 'up' && !world.chance(link.loss)) return true
    fail()
    return false
  }
  if (!passes()) return promise
  world.after(latency(), null, () => {
    if (link.state === 'silent') return
    void Promise.resolve(serve()).then(
      (answer) => {
        if (passes()) world.after(latency(), owner, () => resolve(answer))
      },
      (error) => {
        if (passes()) world.after(latency(), owner, () => reject(error))
      },
    )
  })
  return promise
}

/** The outcome of `work`, or the reason of `signal`. */
export function until<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
