const MOST = 1_000

/** What follows from a topic's name, worked out once for each of them. Records come in runs of one topic. */
export function topicMemo<T>(derive: (topic: string) => T): (topic: string) => T {
  const known = new Map<string, { readonly derived: T }>()
  let lastTopic: string | null = null
  let last: T

  const find = (topic: string): T => {
    let memo = known.get(topic)
    if (memo === undefined) {
      memo = { derived: derive(topic) }
      if (known.size >= MOST) known.clear()
      known.set(topic, memo)
    }
    lastTopic = topic
    last = memo.derived
    return last
  }

  return (topic) => (topic === lastTopic ? last : find(topic))
}
