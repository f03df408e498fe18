import { once } from 'node:events'

/** Writes to standard output, and waits while nobody takes it: what is printed is not kept in memory. Done at once when `stop` aborts. */
export async function print(text: string, stop: AbortSignal): Promise<void> {
  if (stop.aborted || process.stdout.write(text)) return
  await once(process.stdout, 'drain', { signal: stop }).catch((error: unknown) => {
    if (!stop.aborted) throw error
  })
}
