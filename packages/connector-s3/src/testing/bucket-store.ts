import { type Props, parseConfig } from '@isthmus/sdk'
import { storeConfig } from '../config/store.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import { openS3Store } from '../s3/store.ts'

/** The bucket of a connector with these properties, without the connector. */
export function openBucketStore(props: Props): Promise<ObjectStore> {
  const { signal } = new AbortController()
  return openS3Store(parseConfig(storeConfig, props), { log: { debug() {}, warn() {} }, signal })
}
