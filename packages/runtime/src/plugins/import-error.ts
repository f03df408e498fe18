import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { messageOf, ownClassOf } from '../text/trace.ts'

/** Why a module could not be imported, with file, line and column of what is wrong, as far as they can be known. */
export async function importFailure(error: unknown, module: string): Promise<string> {
  const message = ownClassOf(error) === null ? messageOf(error) : `${ownClassOf(error)}: ${messageOf(error)}`
  const position = positionIn(error) ?? (isSyntaxError(error) ? await positionOfSyntax(module) : null)
  return position === null ? message : `${message} (${position})`
}

const isSyntaxError = (error: unknown): boolean =>
  (error as { name?: unknown } | null)?.name === 'SyntaxError'

/** As Node writes it before the message: `file:line`, the line, and a caret below what is wrong. */
const SHOWN = /^(?:file:\/\/)?([^\n]*):(\d+)\n(?:[^\n]*\n){0,4}?( *)\^/
/** Else where it was thrown. */
const FRAME = /\bfile:\/\/([^\s()]+:\d+:\d+)/

function positionIn(error: unknown): string | null {
  const stack = (error as { stack?: unknown } | null)?.stack
  if (typeof stack !== 'string') return null
  const shown = SHOWN.exec(stack)
  if (shown !== null) return `${shown[1]}:${shown[2]}:${(shown[3]?.length ?? 0) + 1}`
  // frames of syntax errors are those of whoever reads the file
  return isSyntaxError(error) ? null : (FRAME.exec(stack)?.[1] ?? null)
}

const IMPORTED = /(?:\bfrom\s*|\bimport\s*)['"](\.{1,2}\/[^'"]+)['"]/g
const MODULES_MAX = 100

/** Node does not say where in a module of JavaScript the mistake is, nor in which: what reads TypeScript does. */
async function positionOfSyntax(module: string): Promise<string | null> {
  const modules = new Set([module])
  for (const one of modules) {
    if (modules.size > MODULES_MAX || !one.startsWith('file:')) return null
    const source = await readFile(fileURLToPath(one), 'utf8').catch(() => '')
    try {
      quietly(() => stripTypeScriptTypes(source))
    } catch (error) {
      const shown = SHOWN.exec(String((error as Error).stack))
      return shown === null
        ? fileURLToPath(one)
        : `${fileURLToPath(one)}:${shown[2]}:${(shown[3]?.length ?? 0) + 1}`
    }
    for (const [, path = ''] of source.matchAll(IMPORTED)) modules.add(new URL(path, one).href)
  }
  return null
}

/** Without the warning that it is an experiment. */
function quietly<T>(run: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return run()
  } finally {
    process.emitWarning = emitWarning
  }
}
