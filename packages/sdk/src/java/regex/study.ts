import { type Pattern, UNLIMITED } from './syntax.ts'

/**
 * What can be said of a pattern's matches without a text: their lengths, and whether there is one way to match only. Counted in 32 bits
 * and with the same omissions as in Java, since they decide which look-behinds are allowed and what a repeated group remembers.
 */
export interface Lengths {
  min: number
  max: number
  bounded: boolean
  single: boolean
}

export function lengthsOf(pattern: Pattern): Readonly<Lengths> {
  const lengths: Lengths = { min: 0, max: 0, bounded: true, single: true }
  study(pattern, lengths)
  return lengths
}

function study(pattern: Pattern, lengths: Lengths): void {
  switch (pattern.type) {
    case 'char':
      lengths.min++
      lengths.max = (lengths.max + 1) | 0
      return
    case 'line-break':
      lengths.min++
      lengths.max = (lengths.max + 2) | 0
      return
    case 'sequence':
      for (const item of pattern.items) study(item, lengths)
      return
    case 'group':
    case 'atomic':
      study(pattern.body, lengths)
      return
    case 'choice': {
      const branches = pattern.branches.map(lengthsOf)
      lengths.min += Math.min(...branches.map(({ min }) => min))
      lengths.max = (lengths.max + Math.max(...branches.map(({ max }) => max))) | 0
      lengths.bounded &&= branches.every(({ bounded }) => bounded)
      lengths.single = false
      return
    }
    case 'reference':
      lengths.bounded = false
      return
    case 'repeat':
      studyRepeat(pattern, lengths)
  }
}

function studyRepeat(pattern: Pattern & { type: 'repeat' }, lengths: Lengths): void {
  const { body, min, max, mode } = pattern
  if (min === 0 && max === 1) {
    const { max: longest, bounded } = lengthsOf(body)
    lengths.max = (lengths.max + longest) | 0
    lengths.bounded &&= bounded
    lengths.single = false
    return
  }
  if (body.type === 'char' && max === UNLIMITED && mode === 'greedy') {
    lengths.min += min
    lengths.max = (lengths.max + UNLIMITED) | 0
    lengths.single = false
    return
  }
  const inner = lengthsOf(body)
  if (body.type === 'group' && !inner.single && mode !== 'possessive') {
    lengths.bounded = false
    lengths.single = false
    return
  }
  lengths.min += inner.min * min
  if (lengths.bounded && inner.bounded) {
    const longest = (Math.imul(inner.max, max) + lengths.max) | 0
    lengths.bounded = longest >= lengths.max
    lengths.max = longest
  } else lengths.bounded = false
  lengths.single = inner.single && min === max && lengths.single
}
