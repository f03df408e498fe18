/** Versions in Maven's order (`ComparableVersion`), which is how Java's workers choose among versions of a plugin. */
export function compareMavenVersions(a: string, b: string): number {
  return compareItems(parseVersion(a), parseVersion(b))
}

/** `x1` of `1.0-x1`: a qualifier and the number behind it. */
interface Combination {
  readonly qualifier: string
  readonly number: bigint
}
type Item = bigint | string | Combination | Item[]

const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const RELEASES = new Set(['ga', 'final', 'release'])
const SHORT = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
])

const isList = (item: Item | undefined): item is Item[] => Array.isArray(item)
const isCombination = (item: Item | undefined): item is Combination =>
  typeof item === 'object' && !Array.isArray(item)
const qualifierOf = (text: string) => (text === 'cr' ? 'rc' : text)

function itemOf(text: string, digits: boolean, combined: boolean): Item {
  if (combined) {
    const plain = text.replace('-', '')
    const at = plain.search(/[0-9]/)
    const word = plain.slice(0, at)
    return { qualifier: qualifierOf(SHORT.get(word) ?? word), number: BigInt(plain.slice(at)) }
  }
  return digits ? BigInt(text) : qualifierOf(text)
}

const isDigit = (char: string | undefined) => char !== undefined && char >= '0' && char <= '9'

/** A hyphen, and a change between digits and letters, opens a list within the list. */
function parseVersion(version: string): Item[] {
  const text = version.toLowerCase()
  const root: Item[] = []
  const lists = [root]
  let list = root
  let digits = false
  let combined = false
  let start = 0
  const nest = () => {
    const inner: Item[] = []
    list.push(inner)
    list = inner
    lists.push(inner)
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '.') {
      list.push(at === start ? 0n : itemOf(text.slice(start, at), digits, combined))
      combined = false
      start = at + 1
    } else if (char === '-') {
      if (at === start) list.push(0n)
      else {
        if (!digits && isDigit(text[at + 1])) {
          combined = true
          continue
        }
        list.push(itemOf(text.slice(start, at), digits, combined))
      }
      start = at + 1
      if (list.length > 0) nest()
      combined = false
    } else if (isDigit(char)) {
      if (!digits && at > start) {
        combined = true
        if (list.length > 0) nest()
      }
      digits = true
    } else {
      if (digits && at > start) {
        list.push(itemOf(text.slice(start, at), true, combined))
        start = at
        nest()
        combined = false
      }
      digits = false
    }
  }
  if (text.length > start) {
    if (!digits && list.length > 0) nest()
    list.push(itemOf(text.slice(start), digits, combined))
  }
  for (const one of lists.reverse()) dropZeros(one)
  return root
}

const isNothing = (item: Item) => item === 0n || item === '' || (isList(item) && item.length === 0)

/** `1.0.0` is `1`, and `1.0-rc1` is `1-rc1`. */
function dropZeros(list: Item[]): void {
  for (let at = list.length - 1; at >= 0; at--) {
    if (!isNothing(list[at] as Item)) continue
    const next = list[at + 1]
    const first = isList(next) ? next[0] : next
    if (next === undefined || typeof first === 'string' || (isList(next) && isCombination(first)))
      list.splice(at, 1)
  }
}

/** As text: a known qualifier by its rank, others behind them by name. */
function rankOf(qualifier: string): string {
  const rank = QUALIFIERS.indexOf(RELEASES.has(qualifier) ? '' : qualifier)
  return rank === -1 ? `${QUALIFIERS.length}-${qualifier}` : String(rank)
}
const compareTexts = (a: string, b: string) => (a < b ? -1 : Number(a > b))
const compareQualifiers = (a: string, b: string) => compareTexts(rankOf(a), rankOf(b))

/** The order of kinds where they meet: text, text with a number, list, number. */
const KIND = (item: Item) => (typeof item === 'string' ? 0 : isCombination(item) ? 1 : isList(item) ? 2 : 3)

/** `undefined`: the other version has no more. */
function compareItems(a: Item, b: Item | undefined): number {
  if (b === undefined) {
    if (typeof a === 'bigint') return a === 0n ? 0 : 1
    if (typeof a === 'string') return compareQualifiers(a, '')
    if (isCombination(a)) return compareQualifiers(a.qualifier, '')
    return a.reduce<number>((found, item) => found || compareItems(item, undefined), 0)
  }
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : Number(a > b)
  if (typeof a === 'string' && typeof b === 'string') return compareQualifiers(a, b)
  if (typeof a === 'string' && isCombination(b)) return compareQualifiers(a, b.qualifier) || -1
  if (isCombination(a) && typeof b === 'string') return compareQualifiers(a.qualifier, b) || 1
  if (isCombination(a) && isCombination(b))
    return (
      compareQualifiers(a.qualifier, b.qualifier) || (a.number < b.number ? -1 : Number(a.number > b.number))
    )
  if (!isList(a) || !isList(b)) return Math.sign(KIND(a) - KIND(b))
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]]
    const found = left === undefined ? -compareItems(right as Item, undefined) : compareItems(left, right)
    if (found !== 0) return found
  }
  return 0
}
