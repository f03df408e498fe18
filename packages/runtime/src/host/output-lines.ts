import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Longer lines are cut into several: what prints without ever ending a line is not kept for ever. */
const LINE_MAX = 16_384

/** The lines that are printed to a stream, the last one also when nothing ends it. */
export function readLines(stream: Readable, line: (text: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const one of lines)
      for (let at = 0; at < one.length; at += LINE_MAX) line(one.slice(at, at + LINE_MAX))
    for (; rest.length > LINE_MAX; rest = rest.slice(LINE_MAX)) line(rest.slice(0, LINE_MAX))
  }
  stream.on('data', (bytes: Buffer) => take(decoder.write(bytes)))
  stream.on('end', () => take(`${decoder.end()}\n`))
  stream.on('error', () => {})
}
