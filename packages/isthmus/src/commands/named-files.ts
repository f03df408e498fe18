import { readFile } from 'node:fs/promises'
import { ConnectError, type Props } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { systemProperties } from '../system-properties.ts'

/**
 * The properties of a worker file, variables replaced. As in Java, an empty name stands for no properties at all. What is a system property in Java is one
 * of the worker's here; those of the environment count before those of the file.
 */
export async function readWorkerProps(
  path: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Props> {
  const { resolveWorkerProps, workerDef } = await import('@isthmus/runtime')
  const system = [...systemProperties(env)].filter(
    ([name]) => name.startsWith('org.apache.kafka.') && name in workerDef,
  )
  const file = path === '' ? {} : parseProperties((await readNamed('worker', path)).toString('latin1'))
  return { ...(await resolveWorkerProps(file, signal)), ...Object.fromEntries(system) }
}

const reasons: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
}

/** A file that the command line names. */
export async function readNamed(what: 'worker' | 'connector', path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new ConnectError('config', `The ${what} file ${path} cannot be read: ${whyUnread(error)}`)
  }
}

/** Why a file could not be read, in words. */
export function whyUnread(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException
  return reasons[code] ?? code
}
