import { mkdir } from 'node:fs/promises'
import { versityBinary } from '@isthmus/connector-s3/testing'
import { startChild } from '../process/child.ts'
import { eventually } from '../process/eventually.ts'
import { accepts, freePorts } from '../process/ports.ts'

/** An S3 server as somebody starts it who follows a guide: with a region of its own, and buckets that are folders. */
export interface FolderServer extends AsyncDisposable {
  readonly port: number
}

export async function openFolderServer(
  folder: string,
  {
    buckets,
    region,
    key,
    secret,
  }: { readonly buckets: readonly string[] } & {
    readonly [name in 'region' | 'key' | 'secret']: string
  },
): Promise<FolderServer> {
  const command = await versityBinary()
  if (command === null) throw new Error('versitygw cannot be had')
  const [port = 0] = await freePorts(1)
  for (const bucket of buckets) await mkdir(`${folder}/${bucket}`, { recursive: true })
  const env = { ROOT_ACCESS_KEY: key, ROOT_SECRET_KEY: secret }
  const args = ['--port', `127.0.0.1:${port}`, '--region', region, 'posix', folder]
  const child = startChild(command, args, { env })
  await eventually(`versitygw listens on ${port}`, () => accepts(port))
  return { port, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() }
}
