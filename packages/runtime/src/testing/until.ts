const LIMIT_MS = 60_000

/** Looks again after every turn of the event loop until a condition holds; rejects when it takes too long. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`This did not become true: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
