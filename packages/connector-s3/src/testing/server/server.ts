import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Props } from '@isthmus/sdk'
import { fetchMoto, fetchVersity } from './fetch.ts'
import { freePort, type RunningServer, startServer } from './process.ts'

/** An S3 server of a test file, with an access key of its own. */
export interface S3Server extends AsyncDisposable {
  /** moto knows no wrong credentials, serves STS too, and forgets everything when it is killed; it stands in where Go is missing. */
  readonly kind: 'versitygw' | 'moto'
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretKey: string
  /** Makes a bucket, by default with a name of its own, and answers with the properties of a connector that uses it. */
  bucket(name?: string): Promise<Props & { readonly 'aws.s3.bucket': string }>
  /** Ends the process at once; what was stored stays. */
  kill(): Promise<void>
  /** Starts it again, on the same port. */
  start(): Promise<void>
}

const ACCESS_KEY = 'tests-access-key'
const SECRET_KEY = 'tests-secret-key'
const REGION = 'us-east-1'

/** versitygw where it can be had, else moto. `kind` asks for one of them. */
export async function openS3Server(kind?: S3Server['kind']): Promise<S3Server> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-s3-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const program = await programOf(kind, folder, port)
  const start = (): Promise<RunningServer> => startServer(program.command, program.env, port)
  let running: RunningServer | null = await start()
  const kill = async (): Promise<void> => {
    await running?.[Symbol.asyncDispose]()
    running = null
  }
  stack.defer(kill)

  const owned = stack.move()
  const endpoint = `http://127.0.0.1:${port}`
  return {
    kind: program.kind,
    endpoint,
    region: REGION,
    accessKeyId: ACCESS_KEY,
    secretKey: SECRET_KEY,
    async bucket(name = `tests-${randomUUID()}`) {
      const props = {
        'aws.s3.bucket': name,
        'aws.accessKeyId': ACCESS_KEY,
        'aws.secretKey': SECRET_KEY,
        'aws.region': REGION,
        's3.endpoint': endpoint,
        's3.enablePathStyle': 'true',
      }
      await createBucket(props)
      return props
    },
    kill,
    async start() {
      running ??= await start()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface Program {
  readonly kind: S3Server['kind']
  readonly command: readonly string[]
  readonly env: { readonly [name: string]: string }
}

/** What to start; versitygw keeps what it stores in the folder. */
async function programOf(kind: S3Server['kind'] | undefined, folder: string, port: number): Promise<Program> {
  const reasons: string[] = []
  if (kind !== 'moto') {
    const versity = await fetchVersity()
    if ('path' in versity) {
      const [buckets, sidecar] = [join(folder, 'buckets'), join(folder, 'sidecar')]
      await mkdir(buckets)
      await mkdir(sidecar)
      const options = ['--port', `127.0.0.1:${port}`, '--region', REGION, '--keep-alive', '--quiet']
      return {
        kind: 'versitygw',
        command: [versity.path, ...options, 'posix', '--sidecar', sidecar, buckets],
        env: { ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY },
      }
    }
    reasons.push(versity.why)
  }
  if (kind !== 'versitygw') {
    const moto = await fetchMoto()
    if ('path' in moto)
      return {
        kind: 'moto',
        command: ['python3', '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
        env: { PYTHONPATH: moto.path },
      }
    reasons.push(moto.why)
  }
  throw new Error(`No S3 server can be had: ${reasons.join('; ')}`)
}

async function createBucket(props: Props): Promise<void> {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3')
  const client = new S3Client({
    endpoint: props['s3.endpoint'] ?? '',
    region: props['aws.region'] ?? '',
    forcePathStyle: true,
    credentials: {
      accessKeyId: props['aws.accessKeyId'] ?? '',
      secretAccessKey: props['aws.secretKey'] ?? '',
    },
  })
  try {
    await client.send(new CreateBucketCommand({ Bucket: props['aws.s3.bucket'] }))
  } finally {
    client.destroy()
  }
}
