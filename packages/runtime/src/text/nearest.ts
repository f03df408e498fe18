/** How many letters have to be changed, left out, put in or exchanged with their neighbour to make one word another. */
export function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        next[j] = Math.min(next[j] as number, (before[j - 2] as number) + 1)
    }
    before = row
    row = next
  }
  return row[b.length] as number
}

/** What was probably meant by a word: at most a third of it is wrong. Longer words than these are no mistakes in typing. */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word.length > 200) return null
  const lower = word.toLowerCase()
  let best: string | null = null
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const one of known) {
    if (Math.abs(one.length - word.length) >= least) continue
    const steps = distance(lower, one.toLowerCase())
    if (steps < least) {
      least = steps
      best = one
    }
  }
  return best
}

/** For the end of a message. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known)
  return meant === null ? '' : `; did you mean '${meant}'?`
}
