import { after, test } from 'node:test'
import { parseConfig } from '@isthmus/sdk'
import { storeConfig } from '../config/store.ts'
import { openMemoryStore } from '../testing/memory-store.ts'
import { objectStoreContract } from '../testing/object-store-contract.ts'
import { s3ServerIsAbsent } from '../testing/server/fetch.ts'
import { openS3Server } from '../testing/server/server.ts'
import { openS3Store } from './store.ts'

for (const { name, run } of objectStoreContract(async () => openMemoryStore()))
  test(`in memory: ${name}`, run)

const skip = await s3ServerIsAbsent()
const server = skip === false ? await openS3Server() : null
after(() => server?.[Symbol.asyncDispose]())

const open = async () => {
  const config = parseConfig(storeConfig, await server!.bucket())
  return openS3Store(config, { log: console, signal: new AbortController().signal })
}
for (const { name, run } of objectStoreContract(open)) test(`on a server: ${name}`, { skip }, run)
