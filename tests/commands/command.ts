import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** What a user calls `isthmus`. */
export const isthmusMain = `${root}packages/isthmus/src/bin/isthmus.ts`
const LONGEST_MS = 60_000

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `isthmus` as a user does, with `input` on its standard input, until it ends. */
export async function runIsthmus(args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [isthmusMain, ...args], { timeout: LONGEST_MS })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  // a command that does not read its input closes it
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}
