import { existsSync } from 'node:fs'
import { isAbsolute, normalize, sep } from 'node:path'
import { ConnectError } from '@isthmus/sdk'

export const ALLOWED_PATHS = {
  type: 'string',
  default: null,
  importance: 'high',
  doc: 'Absolute paths, separated by commas, that alone may be read, with all that is below them; everything when absent.',
} as const

/** Which paths may be read. As in Java, links are not followed before they are judged: mounted secrets are links. */
export function allowedPaths(text: string | null): (path: string) => boolean {
  if (text === null || text.trim() === '') return () => true
  const allowed = text.split(',').map((one) => checkedPath(one.trim()))
  return (path) => {
    const wanted = withoutEnd(normalize(path))
    return allowed.some((one) => wanted === one || wanted.startsWith(one === sep ? sep : one + sep))
  }
}

function checkedPath(path: string): string {
  const normalized = withoutEnd(normalize(path))
  if (!isAbsolute(normalized)) throw new ConnectError('config', `Path ${normalized} is not absolute`)
  if (!existsSync(normalized)) throw new ConnectError('config', `Path ${normalized} does not exist`)
  return normalized
}

const withoutEnd = (path: string) => (path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path)
