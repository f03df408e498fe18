import { harmless, shownOf } from '../commands/kafka/text.ts'
import type { Paint } from './paint.ts'

interface Shown {
  readonly offset: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[]
}

/** Whether a connector here writes the topic, or one reads it. */
export type Direction = 'written' | 'read'

const ARROWS: { readonly [direction in Direction]: string } = { written: '→', read: '←' }
/** Of a key, value or header: what a line of a terminal can show, and a little more. */
const TEXT_MAX = 500

/** `→ orders-0@17  key  value  header=…`; null where there is none. */
export function recordText(
  direction: Direction,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { offset, key, value, headers }: Shown,
  paint: Paint,
): string {
  const parts = [
    paint('dim', `${ARROWS[direction]} ${topic}-${partition}@${offset}`),
    paint('cyan', short(key)),
    short(value),
    ...headers.map((header) => paint('dim', `${harmless(header.key)}=${short(header.value)}`)),
  ]
  return parts.join('  ')
}

function short(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  // of a character that is cut in two nobody can say whether it was text
  const text = harmless(shownOf(bytes)).replaceAll('\n', '\\n')
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}… (${bytes.length} bytes)`
}
