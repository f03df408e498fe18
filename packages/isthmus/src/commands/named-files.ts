import { readFile } from 'node:fs/promises'
import type { Logger } from '@isthmus/runtime'
import { ConnectError, type Props, parseProperties } from '@isthmus/sdk'
import { logOf } from '../log/settings.ts'
import { explain, isExpected } from './explain.ts'
import { systemProperties } from './system-properties.ts'

/** What the commands of both kinds of workers have in common. */

/**
 * Variables in them are replaced. As in Java, an empty name stands for no properties at all. What is a system property in Java is one
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
    const code = (error as NodeJS.ErrnoException).code ?? ''
    throw new ConnectError('config', `The ${what} file ${path} cannot be read: ${reasons[code] ?? code}`)
  }
}

/** The log of the process; or the exit code when its settings are wrong, which has been said. */
export function logOrCode(env: NodeJS.ProcessEnv): ReturnType<typeof logOf> | number {
  try {
    return logOf(env)
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return 2
  }
}

/** One line for what the user can mend, with its trace for what surprises. */
export function report(logger: Logger, what: string, error: unknown): void {
  if (isExpected(error)) logger.error(`${what}: ${explain(error)}`)
  else logger.error(what, error)
}
