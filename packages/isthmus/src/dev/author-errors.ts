import { readFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** So many places of one error. */
const PLACES_MAX = 5

/** A trace as the author of a folder needs it: what went wrong, and where in the folder. */
export function shortTrace(folder: string, trace: string): string {
  const lines = withClasses(trace).trimEnd().split('\n')
  const shown: string[] = []
  let places = 0
  for (const line of lines) {
    if (!/^\s+at /.test(line)) {
      places = 0
      if (!/^\s*\.\.\. \d+ more/.test(line)) shown.push(withoutFolder(folder, line))
      continue
    }
    const place = placeIn(folder, line)
    if (place !== null && places++ < PLACES_MAX) shown.push(`    at ${place}`)
  }
  return shown.join('\n')
}

/** The place of a line of a trace, from the folder: `ask (src/index.ts:12:5)`; null where it is code of others. */
function placeIn(folder: string, line: string): string | null {
  const [, called = '', url = '', position = ''] =
    /^\s+at (?:(.*) \()?((?:file:\/\/)?\/[^()]*?)(:\d+:\d+)\)?$/.exec(line) ?? []
  if (url === '') return null
  const path = ownPath(folder, url.startsWith('file:') ? fileURLToPath(url) : url)
  if (path === null) return null
  return called === '' ? `${path}${position}` : `${called} (${path}${position})`
}

/** From the folder; null for what is not the author's. */
function ownPath(folder: string, path: string): string | null {
  const own = relative(folder, path)
  return own.startsWith('..') || isAbsolute(own) || own.includes('node_modules') ? null : own
}

/** A warning of a scan with the line of code that it is about, where it names one. */
export function withCode(folder: string, warning: string): string {
  const text = withClasses(withoutFolder(folder, warning))
  const [, path = '', line = '', column = '1'] = /\(?([^\s()]+):(\d+):(\d+)\)?/.exec(text) ?? []
  if (path === '') return text
  try {
    const code = readFileSync(resolve(folder, path), 'utf8').split('\n')[Number(line) - 1]
    if (code === undefined || code.length > LINE_MAX) return text
    return `${text}\n  ${line} | ${code}\n  ${' '.repeat(line.length)} | ${' '.repeat(Math.max(0, Number(column) - 1))}^`
  } catch {
    return text
  }
}
const LINE_MAX = 300

/** Of plugins, which Java describes at length, the class. */
export const withClasses = (text: string): string =>
  text.replaceAll(/PluginDesc\{klass=class ([^,{}]+),[^{}]*\}/g, '$1')

const withoutFolder = (folder: string, text: string): string =>
  text.replaceAll(`${pathToFileURL(folder)}/`, '').replaceAll(`${folder}/`, '')
