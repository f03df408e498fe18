/** One action at a time for each connector, in the order of the calls; a failed one does not hold up the next. Connectors do not wait for each other. */
export type Serially = <T>(connector: string, action: () => Promise<T>) => Promise<T>

export function openSerial(): Serially {
  /** By connector, the end of the last action; gone when that is over and none came after it. */
  const ends = new Map<string, Promise<void>>()
  return (connector, action) => {
    const mine = (ends.get(connector) ?? Promise.resolve()).then(action)
    const end = mine.then(
      () => {},
      () => {},
    )
    ends.set(connector, end)
    void end.then(() => {
      if (ends.get(connector) === end) ends.delete(connector)
    })
    return mine
  }
}
