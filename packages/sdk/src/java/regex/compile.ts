import { type Bounds, bounded, type LoopState } from './bounds.ts'
import { ANCHORS, type Attempt, type Matching, UNICODE_ANCHORS } from './matching.ts'
import { lengthsOf } from './study.ts'
import { type CharTest, type Pattern, UNLIMITED } from './syntax.ts'

export interface Scope {
  readonly matching: Matching
  /** null: matched as Java does it, however long it takes. */
  readonly bounds: Bounds | null
  /** Those around, from the outermost, that what comes next goes back to. */
  readonly loops: readonly LoopState[]
  /** Loops that are not inside another one remember where they failed; not where the pattern refers to groups. */
  readonly remembers: boolean
}
type Repeat = Pattern & { type: 'repeat' }

/**
 * A pattern as closures that try what Java's matcher tries, in its order: groups keep what they matched last, what is atomic forgets
 * its alternatives and not its groups, and a reference to a group that took no part fails.
 */
export function compile(pattern: Pattern, next: Attempt, scope: Scope): Attempt {
  const attempt = attemptOf(pattern, next, scope)
  return scope.bounds === null ? attempt : bounded(scope.bounds, pattern, attempt, scope)
}

function attemptOf(pattern: Pattern, next: Attempt, scope: Scope): Attempt {
  const { matching } = scope
  switch (pattern.type) {
    case 'char':
      return one(pattern.test, next, matching)
    case 'anchor': {
      const holds = (pattern.unicode ? UNICODE_ANCHORS : ANCHORS)[pattern.anchor]
      return (at) => holds(at, matching) && next(at)
    }
    case 'line-break':
      return lineBreak(next, matching)
    case 'sequence':
      return pattern.items.reduceRight((after, item) => compile(item, after, scope), next)
    case 'choice': {
      const branches = pattern.branches.map((branch) => compile(branch, next, scope))
      return (at) => branches.some((branch) => branch(at))
    }
    case 'group':
      return captured(pattern.index, (after) => compile(pattern.body, after, scope), next, matching)
    case 'atomic': {
      const body = part(pattern.body, scope)
      return (at) => body(at) && next(matching.last)
    }
    case 'look':
      return pattern.behind ? behind(pattern, next, scope) : ahead(pattern, next, scope)
    case 'reference':
      return reference(pattern, next, matching)
    case 'repeat':
      return repeat(pattern, next, scope)
  }
}

/** A part that is matched for itself: where it ended is in `last`. */
function part(pattern: Pattern, scope: Scope): Attempt {
  const { matching } = scope
  const accept: Attempt = (at) => {
    matching.last = at
    return true
  }
  return compile(pattern, accept, { ...scope, remembers: false, loops: [] })
}

const one =
  (test: CharTest, next: Attempt, matching: Matching): Attempt =>
  (at) => {
    const char = matching.text.codePointAt(at)
    return char !== undefined && test(char) && next(at + (char > 0xffff ? 2 : 1))
  }

function lineBreak(next: Attempt, matching: Matching): Attempt {
  return (at) => {
    const char = matching.text.charCodeAt(at)
    if (char === 13) return (matching.text.charCodeAt(at + 1) === 10 && next(at + 2)) || next(at + 1)
    const ends = (char >= 10 && char <= 12) || char === 0x85 || char === 0x2028 || char === 0x2029
    return ends && next(at + 1)
  }
}

function captured(
  index: number,
  bodyOf: (after: Attempt) => Attempt,
  next: Attempt,
  matching: Matching,
): Attempt {
  const { slots } = matching
  const slot = slots.push(-1) - 1
  const body = bodyOf(index === 0 ? next : capture(index, slot, next, matching))
  return (at) => {
    const before = slots[slot] ?? -1
    slots[slot] = at
    const matched = body(at)
    slots[slot] = before
    return matched
  }
}

function capture(index: number, slot: number, next: Attempt, { groups, slots }: Matching): Attempt {
  const from = index * 2
  return (at) => {
    const start = groups[from] ?? -1
    const end = groups[from + 1] ?? -1
    groups[from] = slots[slot] ?? -1
    groups[from + 1] = at
    if (next(at)) return true
    groups[from] = start
    groups[from + 1] = end
    return false
  }
}

function ahead(pattern: Pattern & { type: 'look' }, next: Attempt, scope: Scope): Attempt {
  const body = part(pattern.body, scope)
  return (at) => body(at) !== pattern.negated && next(at)
}

function behind(pattern: Pattern & { type: 'look' }, next: Attempt, scope: Scope): Attempt {
  const { min, max } = lengthsOf(pattern.body)
  let end = -1
  const bounds = scope.bounds && { ...scope.bounds, failed: null }
  const body = compile(pattern.body, (at) => at === end, { ...scope, bounds, remembers: false, loops: [] })
  return (at) => {
    const outer = end
    end = at
    const from = Math.max((at - max) | 0, 0)
    let matched = false
    for (let start = at - min; !matched && start >= from; start--) matched = body(start)
    end = outer
    return matched !== pattern.negated && next(at)
  }
}

function reference(pattern: Pattern & { type: 'reference' }, next: Attempt, matching: Matching): Attempt {
  const { group, same } = pattern
  return (at) => {
    const { text, groups } = matching
    const start = groups[group * 2] ?? -1
    const length = (groups[group * 2 + 1] ?? -1) - start
    if (start < 0 || at + length > text.length) return false
    for (let index = 0; index < length; ) {
      const char = text.codePointAt(at + index) ?? 0
      if (!same(char, text.codePointAt(start + index) ?? 0)) return false
      index += char > 0xffff ? 2 : 1
    }
    return next(at + length)
  }
}

function repeat(pattern: Repeat, next: Attempt, scope: Scope): Attempt {
  const { body, min, max, mode } = pattern
  const { matching } = scope
  if (min === 0 && max === 1) return optional(pattern, next, scope)
  if (body.type !== 'group' || mode === 'possessive')
    return repeatPart(pattern, part(body, scope), next, matching)
  if (lengthsOf(body.body).single) return repeatSingle(pattern, next, scope)
  return mode === 'greedy' ? greedyLoop(pattern, next, scope) : lazyLoop(pattern, next, scope)
}

function optional({ body, mode }: Repeat, next: Attempt, scope: Scope): Attempt {
  const { matching } = scope
  if (body.type === 'group' && mode !== 'possessive') {
    const taken = compile(body, next, { ...scope, remembers: false })
    return mode === 'greedy' ? (at) => taken(at) || next(at) : (at) => next(at) || taken(at)
  }
  const taken = part(body, scope)
  if (mode === 'greedy') return (at) => (taken(at) && next(matching.last)) || next(at)
  if (mode === 'lazy') return (at) => next(at) || (taken(at) && next(matching.last))
  return (at) => next(taken(at) ? matching.last : at)
}

/** What is repeated has no alternatives: going back means taking fewer of them. */
function repeatPart({ min, max, mode }: Repeat, body: Attempt, next: Attempt, matching: Matching): Attempt {
  const required = (at: number): number => {
    let end = at
    for (let count = 0; count < min; count++) {
      if (!body(end)) return -1
      end = matching.last
    }
    return end
  }
  if (mode === 'greedy')
    return (at) => {
      let end = required(at)
      if (end < 0) return false
      const ends = [end]
      for (let count = min; count < max && body(end) && matching.last !== end; count++) {
        end = matching.last
        ends.push(end)
      }
      for (let index = ends.length - 1; index >= 0; index--) if (next(ends[index] ?? 0)) return true
      return false
    }
  return (at) => {
    let end = required(at)
    if (end < 0) return false
    for (let count = min; ; count++) {
      if (mode === 'lazy' && next(end)) return true
      if (count >= max || !body(end) || matching.last === end) return mode === 'possessive' && next(end)
      end = matching.last
    }
  }
}

/** A group that can match in one way only: going back means taking fewer, and inner groups keep what the last try left. */
function repeatSingle(pattern: Repeat, next: Attempt, scope: Scope): Attempt {
  const { body: group, min, max, mode } = pattern
  const { matching } = scope
  const { groups } = matching
  if (group.type !== 'group') throw new TypeError('only groups are repeated as groups')
  const body = part(group.body, scope)
  const from = group.index * 2
  const set = (start: number, end: number): void => {
    if (from === 0) return
    groups[from] = start
    groups[from + 1] = end
  }

  const greedy = (start: number, taken: number): boolean => {
    const before = groups[from] ?? -1
    const beforeEnd = groups[from + 1] ?? -1
    let at = start
    let count = taken
    if (count < max && body(at)) {
      const length = matching.last - at
      if (length <= 0) {
        set(at, at + length)
        at += length
      } else {
        for (;;) {
          set(at, at + length)
          at += length
          if (++count >= max || !body(at)) break
          if (at + length !== matching.last) {
            if (greedy(at, count)) return true
            break
          }
        }
        for (; count > taken; count--) {
          if (next(at)) {
            set(at - length, at)
            return true
          }
          at -= length
          set(at - length, at)
        }
      }
    }
    set(before, beforeEnd)
    return next(at)
  }

  const lazy = (start: number): boolean => {
    let at = start
    for (let count = min; ; count++) {
      if (next(at)) return true
      if (count >= max || !body(at) || matching.last === at) return false
      set(at, matching.last)
      at = matching.last
    }
  }

  return (start) => {
    const before = groups[from] ?? -1
    const beforeEnd = groups[from + 1] ?? -1
    let at = start
    let matched = true
    for (let count = 0; matched && count < min; count++) {
      matched = body(at)
      if (!matched) break
      set(at, matching.last)
      at = matching.last
    }
    if (matched) matched = mode === 'greedy' ? greedy(at, min) : lazy(at)
    if (!matched) set(before, beforeEnd)
    return matched
  }
}

interface Loop {
  /** The body once more, then the loop again. */
  readonly body: Attempt
  /** Where the run of the body that has just ended began. */
  readonly began: () => number
  readonly count: number
}

function loopOf(pattern: Repeat, again: Attempt, scope: Scope): Loop {
  const { slots } = scope.matching
  const { min, max } = pattern
  const count = slots.push(-1) - 1
  const group = slots.length
  const inside = {
    ...scope,
    remembers: false,
    loops: [...scope.loops, { count, began: group, counts: max === UNLIMITED ? min : max }],
  }
  const next = scope.bounds === null ? again : bounded(scope.bounds, pattern, again, inside)
  const body = compile(pattern.body, next, inside)
  return { body, began: () => slots[group] ?? -1, count }
}

/** The first run of a loop; the count of the run around it comes back afterwards. */
function enter(slots: number[], loop: Loop, run: () => boolean): boolean {
  const before = slots[loop.count] ?? -1
  const matched = run()
  slots[loop.count] = before
  return matched
}

function once(slots: number[], loop: Loop, at: number, count: number): boolean {
  slots[loop.count] = count + 1
  if (loop.body(at)) return true
  slots[loop.count] = count
  return false
}

function greedyLoop(pattern: Repeat, next: Attempt, scope: Scope): Attempt {
  const { min, max } = pattern
  const { slots, failed } = scope.matching
  const known = scope.remembers && max === UNLIMITED ? new Set<number>() : null
  if (known !== null) failed.push(known)
  const again: Attempt = (at) => {
    // A run that matched nothing is the last one.
    if (at > loop.began()) {
      const count = slots[loop.count] ?? 0
      if (count < min) return once(slots, loop, at, count)
      if (count < max) {
        if (known?.has(at)) return next(at)
        if (once(slots, loop, at, count)) return true
        known?.add(at)
      }
    }
    return next(at)
  }
  const loop = loopOf(pattern, again, scope)
  return (at) =>
    enter(slots, loop, () => {
      slots[loop.count] = 1
      if (min > 0) return loop.body(at)
      return (max > 0 && loop.body(at)) || next(at)
    })
}

function lazyLoop(pattern: Repeat, next: Attempt, scope: Scope): Attempt {
  const { min, max } = pattern
  const { slots } = scope.matching
  const again: Attempt = (at) => {
    if (at <= loop.began()) return next(at)
    const count = slots[loop.count] ?? 0
    if (count < min) return once(slots, loop, at, count)
    return next(at) || (count < max && once(slots, loop, at, count))
  }
  const loop = loopOf(pattern, again, scope)
  return (at) =>
    enter(slots, loop, () => {
      if (min === 0 && next(at)) return true
      slots[loop.count] = 1
      return max > 0 && loop.body(at)
    })
}
