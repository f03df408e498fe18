import type { Props } from '@isthmus/sdk'
import { openBucketStore } from './bucket-store.ts'

/** What is in the bucket of a connector with these properties, in any folder below a prefix, which ends with a `/` unless it is empty. */
export async function download(props: Props, prefix: string): Promise<Map<string, Uint8Array>> {
  await using store = await openBucketStore(props)
  const objects = new Map<string, Uint8Array>()
  const folders = [prefix]
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for await (const page of store.list(folder))
      for (const { key } of page) {
        const chunks: Uint8Array[] = []
        for await (const chunk of (await store.get(key))?.body ?? []) chunks.push(chunk)
        objects.set(key, Buffer.concat(chunks))
      }
    for (const name of await store.folders(folder)) folders.push(`${folder}${name}/`)
  }
  return objects
}
