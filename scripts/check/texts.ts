import type { Source } from './sources.ts'

const LINES_MAX = 400

// written in pieces so that this file passes its own check
const unfinished = new RegExp(
  String.raw`\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\b`,
)
const skipped = new RegExp(
  String.raw`\b(test|it|describe|suite)\.(${['on' + 'ly', 'sk' + 'ip', 'to' + 'do'].join('|')})\(`,
)
const machines = new RegExp(
  `(^|[^\\w.])/(${['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me', 'Us' + 'ers'].join('|')})/\\w`,
)
const vague = /(^|\/)(utils?|helpers?|common|misc)(\.ts$|\/)/

/** Length, names and words of files. */
export function checkTexts(sources: readonly Source[]): string[] {
  const faults: string[] = []
  for (const { path, text } of sources) {
    const lines = text.split('\n')
    if (/\.tsx?$/.test(path) && lines.length - 1 > LINES_MAX) {
      faults.push(`${path}: ${lines.length - 1} lines; a file is read in one go, so at most ${LINES_MAX}`)
    }
    if (vague.test(path)) faults.push(`${path}: name the concept; this name says nothing`)
    lines.forEach((line, index) => {
      const at = `${path}:${index + 1}`
      if (unfinished.test(line)) faults.push(`${at}: something left unfinished: ${line.trim()}`)
      if (skipped.test(line)) faults.push(`${at}: a test that does not run proves nothing: ${line.trim()}`)
      if (machines.test(line)) faults.push(`${at}: a path of one machine: ${line.trim()}`)
    })
  }
  return faults
}
