import { readFile } from 'node:fs/promises'
import type { Logger } from '@isthmus/runtime'
import { explain, isExpected } from './explain.ts'
import { type Properties, parseProperties } from './properties.ts'

/** What the commands of both kinds of workers have in common. */

/** Variables in them are replaced. As in Java, an empty name stands for no properties at all. */
export async function readWorkerProps(path: string): Promise<Properties> {
  if (path === '') return {}
  const { resolveWorkerProps } = await import('@isthmus/runtime')
  return resolveWorkerProps(parseProperties(await readFile(path, 'latin1')))
}

/** One line for what the user can mend, with its trace for what surprises. */
export function report(logger: Logger, what: string, error: unknown): void {
  if (isExpected(error)) logger.error(`${what}: ${explain(error)}`)
  else logger.error(what, error)
}
