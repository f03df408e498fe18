import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Props } from '@isthmus/sdk'
import { motoPackages, versityBinary } from './fetch.ts'
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
  const versity = kind === 'moto' ? null : await versityBinary()
  const moto = versity === null && kind !== 'versitygw' ? await motoPackages() : null
  if (versity === null && moto === null)
    throw new Error(`No S3 server can be had: ${kind ?? 'neither Go nor Python'} is missing`)
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-s3-'))
  const port = await freePort()
  const command =
    versity === null
      ? ['python3', '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)]
      : [
          versity,
          ...['--port', `127.0.0.1:${port}`, '--region', REGION, '--keep-alive', '--quiet'],
          ...['posix', '--sidecar', join(folder, 'sidecar'), join(folder, 'buckets')],
        ]
  const env = { ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY, PYTHONPATH: moto ?? '' }
  const start = (): Promise<RunningServer> => startServer(command, env, port)
  await mkdir(join(folder, 'sidecar'))
  await mkdir(join(folder, 'buckets'))
  let running: RunningServer | null = await start()
  const endpoint = `http://127.0.0.1:${port}`

  const kill = async (): Promise<void> => {
    await running?.[Symbol.asyncDispose]()
    running = null
  }
  return {
    kind: versity === null ? 'moto' : 'versitygw',
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
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
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
