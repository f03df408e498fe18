import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { versityBinary } from '@isthmus/connector-s3/testing'
import type { Props } from '@isthmus/sdk'
import { type Child, startChild } from '../tests/process/child.ts'
import { eventually } from '../tests/process/eventually.ts'
import { accepts, freePorts } from '../tests/process/ports.ts'

const BUCKET = 'bench'

/** versitygw, which keeps the objects of its bucket as files. */
export interface BenchServer extends AsyncDisposable {
  readonly process: Child
  /** The properties of a connector that uses the bucket. */
  readonly bucket: Props
  /** The folder with the objects. */
  readonly folder: string
}

export async function openBenchServer(dir: string): Promise<BenchServer> {
  const binary = await versityBinary()
  if (binary === null) throw new Error('versitygw cannot be had: Go builds it')
  const [port = 0] = await freePorts(1)
  const [folder, sidecar] = [join(dir, 'buckets', BUCKET), join(dir, 'sidecar')]
  for (const path of [folder, sidecar]) await mkdir(path, { recursive: true })
  const options = ['--port', `127.0.0.1:${port}`, '--region', 'us-east-1', '--keep-alive', '--quiet']
  const process = startChild(binary, [...options, 'posix', '--sidecar', sidecar, join(dir, 'buckets')], {
    env: { ROOT_ACCESS_KEY: 'bench', ROOT_SECRET_KEY: 'bench-secret' },
    longestMs: 3_600_000,
  })
  await eventually('versitygw listens', () => accepts(port))
  return {
    process,
    folder,
    bucket: {
      'aws.s3.bucket': BUCKET,
      'aws.accessKeyId': 'bench',
      'aws.secretKey': 'bench-secret',
      'aws.region': 'us-east-1',
      's3.endpoint': `http://127.0.0.1:${port}`,
      's3.enablePathStyle': 'true',
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  }
}

/** Watches what is stored below a prefix, each object once. */
export function openStoredFiles(server: BenchServer, prefix: string) {
  const sizes = new Map<string, number>()
  return {
    /** Their bytes until now. */
    async look(): Promise<number> {
      const paths = await readdir(join(server.folder, prefix), {
        recursive: true,
        withFileTypes: true,
      }).catch(() => [])
      for (const entry of paths) {
        const path = join(entry.parentPath, entry.name)
        if (entry.isFile() && !sizes.has(path)) sizes.set(path, (await stat(path)).size)
      }
      return [...sizes.values()].reduce((sum, size) => sum + size, 0)
    },
    objects: (): readonly { readonly key: string; readonly size: number }[] =>
      [...sizes].map(([path, size]) => ({ key: path.slice(server.folder.length + 1), size })),
  }
}
