import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { REAUTHENTICATION_MS, securityContract } from '@isthmus/kafka/testing'
import { certificate } from '@isthmus/tls/testing'
import { openApacheKafka } from '../apache/apache.ts'
import { apacheIsPossible } from '../apache/jars.ts'
import { freePorts } from '../process/ports.ts'

const names = {
  SASL_PLAINTEXT: 'OPEN',
  SASL_SSL: 'SECURE',
  'of another host': 'ELSEWHERE',
  expired: 'EXPIRED',
} as const
const certificates = { SECURE: 'server', ELSEWHERE: 'elsewhere', EXPIRED: 'expired' } as const
const security = 'org.apache.kafka.common.security'
const jaas = {
  plain: `${security}.plain.PlainLoginModule required user_ada="secret";`,
  'scram-sha-256': `${security}.scram.ScramLoginModule required;`,
  'scram-sha-512': `${security}.scram.ScramLoginModule required;`,
  oauthbearer: `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
}

describe('Apache Kafka, secured', { skip: !apacheIsPossible() }, () => {
  const stack = new AsyncDisposableStack()
  const ports: { [listener: string]: number } = {}
  before(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'isthmus-keys-'))
    stack.defer(() => rm(dir, { recursive: true }))
    const props: { [name: string]: string } = { 'connections.max.reauth.ms': `${REAUTHENTICATION_MS}` }
    for (const [listener, name] of Object.entries(certificates)) {
      const file = join(dir, `${name}.pem`)
      await writeFile(file, certificate(`${name}.key`) + certificate(`${name}.pem`))
      const prefix = `listener.name.${listener.toLowerCase()}.ssl.keystore`
      Object.assign(props, { [`${prefix}.type`]: 'PEM', [`${prefix}.location`]: file })
    }
    for (const listener of ['open', 'secure']) {
      props[`listener.name.${listener}.sasl.enabled.mechanisms`] = Object.keys(jaas).join(',').toUpperCase()
      for (const [mechanism, module] of Object.entries(jaas))
        props[`listener.name.${listener}.${mechanism}.sasl.jaas.config`] = module
    }
    const own = Object.values(names)
    const free = await freePorts(own.length)
    for (const [i, listener] of own.entries()) ports[listener] = free[i] ?? 0
    const listeners = own.map((listener) => `${listener}://localhost:${ports[listener]}`)
    const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=ada,password=secret]`,
    ])
    stack.use(
      await openApacheKafka(
        ({ port, controller }) => ({
          ...props,
          listeners: [
            `PLAINTEXT://127.0.0.1:${port}`,
            `CONTROLLER://127.0.0.1:${controller}`,
            ...listeners,
          ].join(','),
          'advertised.listeners': [`PLAINTEXT://127.0.0.1:${port}`, ...listeners].join(','),
          'listener.security.protocol.map':
            'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,OPEN:SASL_PLAINTEXT,SECURE:SASL_SSL,ELSEWHERE:SSL,EXPIRED:SSL',
        }),
        { format: users },
      ),
    )
  })
  after(() => stack.disposeAsync())
  securityContract({
    address: (listener) => `localhost:${ports[names[listener]]}`,
    unique: (what) => `${what}-${randomUUID()}`,
  })
})
