import { ConnectError } from '../errors.ts'

/** One page of what an API lists, and the cursor of the next one; null where it is the last. */
export interface Page<T, C> {
  readonly items: readonly T[]
  readonly next: C | null
}

/**
 * The pages of an API, one after the other, from the cursor `first`: `load` is called for the next page when the caller asks for it, never ahead.
 * Ends after the page without a next cursor; who keeps that page's own cursor may go on from there later. What `load` throws comes out of
 * the loop, and a page that names itself as the next one is an error: the loop would have no end.
 *
 * ```ts
 * for await (const { items, next } of pages(cursor, (at) => load(at, signal))) …
 * ```
 */
export async function* pages<T, C>(
  first: C,
  load: (cursor: C) => Promise<Page<T, C>>,
): AsyncGenerator<Page<T, C>, void, undefined> {
  for (let cursor: C | null = first; cursor !== null; ) {
    const page: Page<T, C> = await load(cursor)
    if (page.next !== null && typeof page.next !== 'object' && page.next === cursor)
      throw new ConnectError('connect', `The page at ${String(cursor)} names itself as the next page`)
    yield page
    cursor = page.next ?? null
  }
}
