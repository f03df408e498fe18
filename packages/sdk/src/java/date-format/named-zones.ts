import { readFileSync } from 'node:fs'

/** A zone as a text names it. */
export interface NamedZone {
  /** What its clock was put forward by, by its name; null where the zone's own rules say so. */
  readonly savedMs: number | null
  /** What its clock showing `wallMs` is ahead of UTC by, without `savedMs` where that is given. */
  readonly offsetMs: (wallMs: number) => number
}

/** Made by `golden/ZoneNames.java`, which says what is in it. */
interface ZoneTable {
  readonly names: readonly (readonly [name: string, zone: number, savedMs?: number])[]
  readonly zones: readonly { readonly standard?: string; readonly clock?: string }[]
}

interface Named {
  readonly name: string
  readonly zone: NamedZone
}

/** By the first two letters in lower case, in the order in which Java tries them. */
let named: ReadonlyMap<string, readonly Named[]> | null = null

/** The zone whose name the text has at `at`, in any case. As in Java, a name ends where it ends, whatever follows. */
export function zoneNamedAt(
  text: string,
  at: number,
): { readonly zone: NamedZone; readonly end: number } | null {
  named ??= load()
  const found = named.get(text.slice(at, at + 2).toLowerCase())?.find(({ name }) => {
    return text.slice(at, at + name.length).toLowerCase() === name
  })
  return found === undefined ? null : { zone: found.zone, end: at + found.name.length }
}

/** Few texts name a zone, and then mostly the same: the table is read with the first. */
function load(): ReadonlyMap<string, readonly Named[]> {
  const file = new URL('./zone-names.json', import.meta.url)
  const { names, zones } = JSON.parse(readFileSync(file, 'utf8')) as ZoneTable
  const all = names.map(([name, index, savedMs = null]): Named => {
    const { standard, clock } = zones[index] ?? {}
    const history = savedMs === null ? clock : standard
    return { name: name.toLowerCase(), zone: { savedMs, offsetMs: offsetsOf(history ?? '0') } }
  })
  return Map.groupBy(all, ({ name }) => name.slice(0, 2))
}

/** `b40 5vbhg0=dw0`: the first offset, and from a time of the zone's clock on the next; seconds in base 36. */
function offsetsOf(history: string): (wallMs: number) => number {
  const ms = (text: string) => Number.parseInt(text, 36) * 1000
  let changes: readonly (readonly [from: number, offset: number])[] | null = null
  return (wallMs) => {
    changes ??= history.split(' ').map((part) => {
      const [from = '', offset] = part.split('=')
      return offset === undefined ? [Number.NEGATIVE_INFINITY, ms(from)] : [ms(from), ms(offset)]
    })
    return changes.findLast(([from]) => from <= wallMs)?.[1] ?? 0
  }
}
