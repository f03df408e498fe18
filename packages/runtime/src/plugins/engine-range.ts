/** A comparator of npm, such as `>=24`, `^22.1.0` or `24.x`. */
const COMPARATOR = /(>=|<=|>|<|=|\^|~)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-[\w.-]+)?/g

/** Whether a range of npm takes a version. What is no such range says nothing against any version. */
export function takesVersion(range: string, version: string): boolean {
  const own = version.split('.').map(Number)
  return range.split('||').some((all) => {
    const spanned = all.replace(/(\S+)\s+-\s+(\S+)/, '>=$1 <=$2')
    return [...spanned.matchAll(COMPARATOR)].every(([, operator = '', ...parts]) => {
      const given = parts.filter((part) => /^\d+$/.test(part ?? '')).map(Number)
      return meets(operator, own, given)
    })
  })
}

function meets(operator: string, own: readonly number[], given: readonly number[]): boolean {
  const order = compared(own, given)
  switch (operator) {
    case '>=':
      return order >= 0
    case '>':
      return order > 0
    case '<=':
      return order <= 0
    case '<':
      return order < 0
    case '^':
      return order >= 0 && own[0] === given[0]
    case '~':
      return order >= 0 && compared(own, given.slice(0, 2)) === 0
    default:
      return order === 0
  }
}

/** As far as the second says: 24.1.0 is no other than 24. */
function compared(own: readonly number[], given: readonly number[]): number {
  for (const [at, number] of given.entries()) {
    const difference = (own[at] ?? 0) - number
    if (difference !== 0) return difference
  }
  return 0
}
