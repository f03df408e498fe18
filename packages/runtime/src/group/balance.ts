/** The loads of workers as the cooperative assignor counts them: of connectors and of tasks, each for itself. */

/** Keys of the connectors, or of the tasks, that a worker is to have. The order is that of assignment. */
export type Load = Set<string>
export type Loads = ReadonlyMap<string, Load>

/** Gives `keys` to the workers with the least, in passes, so that loads grow level. */
export function spread(loads: Loads, keys: Iterable<string>): void {
  const workers = [...loads].sort(([a, mine], [b, others]) => mine.size - others.size || (a < b ? -1 : 1))
  const [first] = workers
  if (first === undefined) return
  const left = [...keys].reverse()
  while (left.length > 0) {
    const level = first[1].size
    const next = workers.findIndex(([, load]) => load.size > level)
    for (const [, load] of next === -1 ? workers : workers.slice(0, next)) {
      const key = left.pop()
      if (key === undefined) return
      load.add(key)
    }
  }
}

/** What each worker has beyond its share of `total`; nothing when all have theirs. */
export function surplus(loads: Loads, total: number): ReadonlyMap<string, readonly string[]> {
  const least = Math.floor(total / loads.size)
  const extras = total % loads.size
  const sizes = [...loads.values()].map((load) => load.size)
  const withOneMore = sizes.filter((size) => size === least + 1).length
  const level = sizes.filter((size) => size === least).length
  const surplus = new Map<string, readonly string[]>()
  if (withOneMore === extras && level + withOneMore === loads.size) return surplus
  let given = 0
  for (const [worker, load] of loads) {
    if (load.size <= least) continue
    const allowed = given < extras ? least + 1 : least
    if (given < extras) given++
    if (load.size > allowed) surplus.set(worker, [...load].slice(0, load.size - allowed))
  }
  return surplus
}
