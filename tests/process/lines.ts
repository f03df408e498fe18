import assert from 'node:assert/strict'
import { open, readFile, stat } from 'node:fs/promises'
import { eventually } from './eventually.ts'

/** Numbered lines that differ, with characters of one to four bytes. */
export const linesOf = (count: number, from = 0): string[] =>
  Array.from(
    { length: count },
    (_, index) => `${from + index} line of text, häßlich ✓ 🚢 ${'x'.repeat((from + index) % 50)}`,
  )

export const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/** The ended lines of a file; none when it is not there. */
export async function readLines(path: string): Promise<string[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').slice(0, -1)
}

export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}

/** Whether this is the last line of a file; to ask again and again costs no more for a large one. */
export async function endsWith(path: string, line: string): Promise<boolean> {
  const wanted = Buffer.from(`\n${line}\n`)
  const from = (await sizeOf(path)) - wanted.length
  if (from < 0) return false
  await using file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(wanted.length), 0, wanted.length, from)
  return buffer.equals(wanted)
}

/** Waits until the file holds exactly these bytes' worth of text, then compares. */
export async function holdsExactly(path: string, lines: readonly string[], withinMs = 60_000): Promise<void> {
  const wanted = Buffer.byteLength(textOf(lines))
  await eventually(
    `${path} holds ${lines.length} lines`,
    async () => (await sizeOf(path)) >= wanted,
    withinMs,
  )
  assert.deepEqual(await readLines(path), lines)
}

/** At least once: every line arrived, and the first arrivals are in order. A worker that was killed may have left a part of a line. */
export function arrivedAtLeastOnce(arrived: readonly string[], sent: readonly string[]): void {
  const whole = new Set(sent)
  const firsts = [...new Set(arrived)].filter((line) => whole.has(line) || !isPartOfOne(line, sent))
  assert.equal(
    firsts.length,
    sent.length,
    `${sent.length} lines were sent, ${firsts.length} different ones arrived`,
  )
  for (const [index, line] of sent.entries())
    assert.equal(firsts[index], line, `out of order at line ${index}`)
}

function isPartOfOne(line: string, sent: readonly string[]): boolean {
  // a character that was cut reads as the replacement character
  const start = line.replace(/\uFFFD+$/, '')
  return sent.some((one) => one.startsWith(start))
}
