import { Readable } from 'node:stream'
import type { GetObjectCommandOutput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { DEFAULT_REGION, type StoreConfig } from '../config/store.ts'
import { openCredentials } from './credentials.ts'
import { type Access, failureOf, regionOf } from './failures.ts'

const CONNECTION_MS = 10_000
const SOCKETS = 64
/** Bytes of an upload that are handed to the system at a time. */
const PIECE = 128 * 1024

/** The requests that are made of a bucket, once each: no retries, and failures as the SDK throws them. */
export interface BucketClient extends AsyncDisposable {
  readonly access: Access
  /** `careful`: the body is sent once the server has said that it wants it, on a connection of its own; a server that refuses is heard then. `sending` is called for each piece of it. */
  put(
    key: string,
    body: Uint8Array,
    careful: boolean,
    signal: AbortSignal,
    sending: () => void,
  ): Promise<void>
  /** `null`: no such object. The body has no more than its beginning yet. */
  get(key: string, from: number, signal: AbortSignal): Promise<ObjectAnswer | null>
  /** A page of the objects below a prefix and of the "folders" there. */
  list(prefix: string, page: PageOf, signal: AbortSignal): Promise<Page>
}

/** `body` is null where `from` is the end of the object or beyond. */
export interface ObjectAnswer {
  readonly size: number
  readonly body: Readable | null
}
export interface PageOf {
  /** The first page begins after this key. */
  readonly after?: string | undefined
  /** `next` of the page before. */
  readonly next?: string | undefined
  /** At most so many; 1,000 when absent. */
  readonly limit?: number
}
export interface Page {
  readonly objects: readonly { readonly key: string; readonly size: number }[]
  /** Whole, with the prefix and the `/`. */
  readonly folders: readonly string[]
  readonly next: string | undefined
}

/** Opens nothing yet but the library: connections are made by the requests. */
export async function openBucketClient(config: StoreConfig): Promise<BucketClient> {
  const sdk = await import('@aws-sdk/client-s3')
  const Bucket = config['aws.s3.bucket']
  const endpoint = config['s3.endpoint']
  const access: Access = {
    bucket: Bucket,
    endpoint,
    pathStyle: config['s3.enablePathStyle'],
    ownKeys: (config['aws.accessKeyId'] ?? '') !== '',
    role: config['aws.role.arn'],
  }
  const configured = (config.raw['aws.region'] ?? '').trim()
  const region = configured === '' ? DEFAULT_REGION : configured
  const credentials = await openCredentials(config, region)
  const clientFor = (place: string): S3Client =>
    new sdk.S3Client({
      ...clientOptions,
      region: place,
      credentials,
      ...(endpoint !== '' && { endpoint, forcePathStyle: access.pathStyle }),
    })

  let client = clientFor(region)
  let located: Promise<void> | null = configured === '' ? null : Promise.resolve()

  /** Asks the bucket where it is, and goes on there. It says so by refusing a request that was signed for another region. */
  const locate = async (signal: AbortSignal): Promise<void> => {
    try {
      await client.send(new sdk.ListObjectsV2Command({ Bucket, MaxKeys: 1 }), { abortSignal: signal })
    } catch (error) {
      const place = regionOf(error)
      if (place !== undefined && place !== region) {
        client.destroy()
        client = clientFor(place)
        return
      }
      const { code, ofCredentials } = failureOf(error, access)
      // who may not list was understood all the same
      if (code !== 'AccessDenied' || ofCredentials) throw error
    }
  }
  const inPlace = async (signal: AbortSignal): Promise<S3Client> => {
    for (;;) {
      const mine = located === null
      located ??= locate(signal)
      const asked = located
      try {
        await asked
        return client
      } catch (error) {
        if (located === asked) located = null
        // what failed for another, by its own abort perhaps, need not fail here
        if (mine || signal.aborted) throw error
      }
    }
  }

  return {
    access,
    async put(key, body, careful, signal, sending) {
      const command = new sdk.PutObjectCommand({ Bucket, Key: key, Body: body, ContentLength: body.length })
      if (careful)
        command.middlewareStack.add(
          (next) => (args) => {
            Object.assign((args.request as { headers: object }).headers, { Expect: '100-continue' })
            return next(args)
          },
          { step: 'build', name: 'careful' },
        )
      command.middlewareStack.add(
        (next) => (args) => {
          Object.assign(args.request as { body: unknown }, { body: Readable.from(piecesOf(body, sending)) })
          return next(args)
        },
        // the request is signed by then
        { step: 'deserialize', priority: 'low', name: 'pieces' },
      )
      const answer = await (await inPlace(signal)).send(command, { abortSignal: signal })
      if (answer.ETag === undefined) throw noS3('the answer to an upload has no ETag')
    },
    async get(key, from, signal) {
      const s3 = await inPlace(signal)
      const Range = from > 0 ? `bytes=${from}-` : undefined
      const command = new sdk.GetObjectCommand({ Bucket, Key: key, Range })
      try {
        const answer = await s3.send(command, { abortSignal: signal })
        return { size: sizeOf(answer, from), body: (answer.Body as Readable | undefined) ?? null }
      } catch (error) {
        const { name } = error as Error
        if (name === 'NoSuchKey') return null
        if (name !== 'InvalidRange') throw error
        const head = await s3.send(new sdk.HeadObjectCommand({ Bucket, Key: key }), { abortSignal: signal })
        return { size: head.ContentLength ?? 0, body: null }
      }
    },
    async list(prefix, { after, next, limit }, signal) {
      const answer = await (await inPlace(signal)).send(
        new sdk.ListObjectsV2Command({
          Bucket,
          Prefix: prefix,
          Delimiter: '/',
          StartAfter: next === undefined ? after : undefined,
          ContinuationToken: next,
          MaxKeys: limit,
        }),
        { abortSignal: signal },
      )
      if (answer.Name === undefined) throw noS3('the answer is no listing of a bucket')
      return {
        objects: (answer.Contents ?? []).map(({ Key = '', Size = 0 }) => ({ key: Key, size: Size })),
        folders: (answer.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix),
        next: answer.IsTruncated === true ? answer.NextContinuationToken : undefined,
      }
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
    },
  }
}

/** Each is asked for when the system has taken the one before. */
function* piecesOf(body: Uint8Array, sending: () => void): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += PIECE) {
    sending()
    yield body.subarray(at, at + PIECE)
  }
}

/** Of the whole object. An answer that begins elsewhere than asked for would be taken for what it is not. */
function sizeOf({ ContentLength, ContentRange }: GetObjectCommandOutput, from: number): number {
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(ContentRange ?? '') ?? []
  if (from === 0 && ContentLength !== undefined) return ContentLength
  if (Number(start) === from) return Number(size)
  throw noS3(
    `asked for the bytes from ${from} on, the server answered with length ${ContentLength} and range ${ContentRange}`,
  )
}

/** A success of something that is no S3 server, a proxy's page for instance, must not be taken for a backup. */
const noS3 = (message: string): Error => Object.assign(new Error(message), { name: 'UnexpectedAnswer' })

/**
 * Attempts are counted by the store. The hash of the body that is in its signature is checked by every server, so another checksum is sent
 * only where a request has to have one; some servers do not know those. The body goes out at once, on a connection that is kept: waiting
 * for the server's consent to large ones would cost a new connection for each object.
 */
const clientOptions = {
  maxAttempts: 1,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  expectContinueHeader: false,
  requestHandler: {
    connectionTimeout: CONNECTION_MS,
    httpAgent: { keepAlive: true, maxSockets: SOCKETS },
    httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
  },
} as const satisfies S3ClientConfig
