import type { BucketClient } from './client.ts'
import { failureOf } from './failures.ts'

/** What is done with a bucket, and so has to be allowed. */
export type Use = 'write' | 'read'

/**
 * Lists one object, and fails as the SDK does where the bucket cannot be used. It is the cheapest request whose answer says why: that to a
 * HEAD has no body. Who may write need not be allowed to list: it is known by then, and so is the bucket.
 */
export async function probe(
  client: BucketClient,
  prefix: string,
  use: Use,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.list(prefix, { limit: 1 }, signal)
  } catch (error) {
    const { code, ofCredentials } = failureOf(error, client.access)
    if (use === 'read' || ofCredentials || code !== 'AccessDenied') throw error
  }
}
