import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { messageOf, ownClassOf } from '../text/trace.ts'
import { mendingOf } from './mending.ts'
import { relativeImports } from './relative-imports.ts'

/** More than an error says that a person wrote. */
const MESSAGE_MAX = 400

/** Why a module could not be imported, in one line, with file, line and column of what is wrong and how to mend it, as far as these can be known. */
export async function importFailure(error: unknown, module: string): Promise<string> {
  const whole = messageOf(error)
  const first = (whole.trim().split('\n')[0] ?? '').replace(/\.$/, '')
  const message = first.length > MESSAGE_MAX ? `${first.slice(0, MESSAGE_MAX)}…` : first
  const named = ownClassOf(error) === null ? message : `${ownClassOf(error)}: ${message}`
  const position = positionIn(error) ?? (isSyntaxError(error) ? await positionOfSyntax(module) : null)
  const { code, requireStack } = (error ?? {}) as { code?: unknown; requireStack?: unknown }
  const mending = mendingOf({
    code: String(code),
    message: whole,
    module,
    requireStack: Array.isArray(requireStack) ? requireStack.map(String) : [],
  })
  const where = position === null ? '' : ` (${position})`
  return `${named}${where}${mending === null ? '' : `; ${mending}`}`
}

const isSyntaxError = (error: unknown): boolean =>
  (error as { name?: unknown } | null)?.name === 'SyntaxError'

/** As Node writes it before the message: `file:line`, the line, and a caret below what is wrong. */
const SHOWN = /^(?:file:\/\/)?([^\n]*):(\d+)\n(?:[^\n]*\n){0,4}?( *)\^/
/** Else where it was thrown. */
const FRAMES = /\bfile:\/\/([^\s()]+:\d+:\d+)/g

function positionIn(error: unknown): string | null {
  const stack = (error as { stack?: unknown } | null)?.stack
  if (typeof stack !== 'string') return null
  const shown = SHOWN.exec(stack)
  if (shown !== null) return `${shown[1]}:${shown[2]}:${(shown[3]?.length ?? 0) + 1}`
  // frames of syntax errors are those of whoever reads the file
  if (isSyntaxError(error)) return null
  const frames = [...stack.matchAll(FRAMES)].map(([, frame = '']) => frame)
  return frames.find((frame) => !frame.startsWith(import.meta.dirname)) ?? null
}

const MODULES_MAX = 100

/** Node does not say where in a module of JavaScript the mistake is, nor in which: what reads TypeScript does. */
async function positionOfSyntax(module: string): Promise<string | null> {
  if (!module.startsWith('file:')) return null
  const files = new Set([fileURLToPath(module)])
  for (const file of files) {
    if (files.size > MODULES_MAX) return null
    const source = await readFile(file, 'utf8').catch(() => '')
    try {
      quietly(() => stripTypeScriptTypes(source))
    } catch (error) {
      const shown = SHOWN.exec(String((error as Error).stack))
      return shown === null ? file : `${file}:${shown[2]}:${(shown[3]?.length ?? 0) + 1}`
    }
    for (const imported of relativeImports(file, source)) files.add(imported)
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
