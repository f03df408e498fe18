import type { InstanceSpec, ToHost, WorkerFacts } from './messages.ts'

/** How an instance is opened where the host was told of the worker before. */
type Opening = InstanceSpec extends infer Spec
  ? Spec extends InstanceSpec
    ? Omit<Spec, 'worker'>
    : never
  : never

/**
 * What crosses into a thread or process: the same messages, but what every instance knows of its worker comes once for all of them, and again
 * when it has changed. It is by far the most of what an instance is opened with, and each would keep a copy.
 */
export type Crossing =
  | Exclude<ToHost, { readonly type: 'open' }>
  | { readonly type: 'open'; readonly instance: number; readonly spec: Opening }
  | { readonly type: 'worker'; readonly facts: WorkerFacts }

/** The worker's side: to be called for what is sent, in the order in which it arrives. */
export function factsOnce(send: (message: Crossing) => void): (message: ToHost) => void {
  let told: WorkerFacts | null = null
  return (message) => {
    if (message.type !== 'open') return send(message)
    const { worker: facts, ...spec } = message.spec
    if (facts !== told) send({ type: 'worker', facts })
    told = facts
    send({ type: 'open', instance: message.instance, spec: spec as Opening })
  }
}

/** The host's side. */
export function factsAgain(receive: (message: ToHost) => void): (message: Crossing) => void {
  let worker: WorkerFacts | null = null
  return (message) => {
    switch (message.type) {
      case 'worker':
        worker = message.facts
        return
      case 'open':
        return receive({ ...message, spec: { ...message.spec, worker } as InstanceSpec })
      default:
        return receive(message)
    }
  }
}
