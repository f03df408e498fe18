import { type Props, parseConfig } from '@isthmus/sdk'
import { storeConfig } from '../config/store.ts'
import { openS3Store } from '../s3/store.ts'

/** Puts objects into the bucket of a connector with these properties, as something else than its backup would. */
export async function upload(
  props: Props,
  objects: Iterable<readonly [key: string, bytes: Uint8Array]>,
): Promise<void> {
  const { signal } = new AbortController()
  await using store = await openS3Store(parseConfig(storeConfig, props), {
    log: { debug() {}, warn() {} },
    signal,
  })
  for (const [key, bytes] of objects) await store.put(key, bytes)
}
