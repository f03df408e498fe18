/** An object as a listing has it. */
export interface StoredObject {
  /** Whole, the prefix included. */
  readonly key: string
  /** In bytes. */
  readonly size: number
}

/**
 * The bucket of a connector. Calls may overlap. A call whose `signal` aborts rejects with the signal's reason; every other failure is a
 * `ConnectError` that names operation, bucket and key: `retriable` when another try may help, after the tries made in here.
 */
export interface ObjectStore extends AsyncDisposable {
  /**
   * One request with the length of the body: the object is there as a whole, or as it was before. After a failure it may be either.
   * `body` is read until the call settles, and not kept.
   */
  put(key: string, body: Uint8Array, signal?: AbortSignal): Promise<void>
  /**
   * The bytes of an object from `from` on (default 0), as they arrive; `size` is that of the whole object. A connection lost in the middle
   * is a `retriable` error that says how far it came: ask again with `from`. Read `body` to its end, or return from its iteration. `null`: no such object.
   */
  get(
    key: string,
    options?: { readonly from?: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly size: number; readonly body: AsyncIterable<Uint8Array> } | null>
  /** The objects directly below a prefix in the order of the bytes of their keys, those after the key `after` only; not those in "folders" below it. Page by page. */
  list(
    prefix: string,
    options?: { readonly after?: string; readonly signal?: AbortSignal },
  ): AsyncIterable<readonly StoredObject[]>
  /** Names of the "folders" directly below a prefix, without the prefix and the `/`, in the order of their bytes. */
  folders(prefix: string, signal?: AbortSignal): Promise<readonly string[]>
}
