import type { KafkaClients } from '../task/kafka.ts'
import type { HostOptions, TaskHost } from './host.ts'
import { openInside } from './inside/inside.ts'
import type { FromHost, ToHost } from './messages.ts'

/** Runs instances in the worker's own thread. Messages are copied as between threads, so that nothing shared can hide. */
export const openInlineHost =
  (kafka: KafkaClients) =>
  ({ receive }: HostOptions): TaskHost => {
    let open = true
    const inside = openInside({
      kafka: async () => kafka,
      send(message: FromHost) {
        const copy = structuredClone(message)
        queueMicrotask(() => open && receive(copy))
      },
    })
    return {
      post(message: ToHost) {
        const copy = structuredClone(message)
        queueMicrotask(() => open && inside.receive(copy))
      },
      withdraw: () => false,
      async [Symbol.asyncDispose]() {
        open = false
      },
    }
  }
