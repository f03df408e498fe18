import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { type Broker, type BrokerOptions, openBroker } from '@isthmus/broker'
import { certificate } from '@isthmus/tls/testing'
import {
  REAUTHENTICATION_MS,
  type SecureTarget,
  securityContract,
} from './testing/contract/security-contract.ts'

type Listener = Parameters<SecureTarget['address']>[0]
const tls = (name: string) => ({ cert: certificate(`${name}.pem`), key: certificate(`${name}.key`) })
const sasl = {
  mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'],
  users: { ada: 'secret' },
  maxReauthMs: REAUTHENTICATION_MS,
} as const
const options: { readonly [L in Listener]: Partial<BrokerOptions> } = {
  SASL_PLAINTEXT: { sasl },
  SASL_SSL: { sasl, tls: tls('server') },
  'of another host': { tls: tls('elsewhere') },
  expired: { tls: tls('expired') },
}

describe('the embedded broker, secured', () => {
  const brokers = new Map<string, Broker>()
  const stack = new AsyncDisposableStack()
  before(async () => {
    for (const [listener, own] of Object.entries(options)) {
      const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-secure-'))
      stack.defer(() => rm(dataDir, { recursive: true }))
      brokers.set(listener, stack.use(await openBroker({ dataDir, advertisedHost: 'localhost', ...own })))
    }
  })
  after(() => stack.disposeAsync())
  securityContract({
    address: (listener) => `localhost:${brokers.get(listener)?.port}`,
    unique: (what) => `${what}-${randomUUID()}`,
  })
})
