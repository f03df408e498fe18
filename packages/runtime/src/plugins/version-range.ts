import { ConnectError } from '@isthmus/sdk'
import { compareMavenVersions } from './maven-version.ts'

/** What a plugin's version may be. */
export interface VersionRange {
  readonly contains: (version: string) => boolean
  /** As Java prints it: `[1.0]` is `[1.0,1.0]`. */
  readonly text: string
}

interface Restriction {
  readonly lower: string | null
  readonly lowerInclusive: boolean
  readonly upper: string | null
  readonly upperInclusive: boolean
}

const invalid = (what: string, spec: string) => new ConnectError('config', `${what}: ${spec}`)

/** A version, a range or several as in Maven; null stands for the latest version. Rejects what Maven does, in its words. */
export function parseVersionRange(text: string | null | undefined): VersionRange | null {
  if (text === null || text === undefined || text === 'latest') return null
  const spec = text.trim()
  const restrictions = restrictionsOf(spec) ?? restrictionsOf(`[${spec}]`) ?? []
  return {
    contains: (version) => restrictions.some((restriction) => contains(restriction, version)),
    text: restrictions.map(textOf).join(','),
  }
}

/** null: one version, which is not in brackets. */
function restrictionsOf(spec: string): readonly Restriction[] | null {
  const restrictions: Restriction[] = []
  let rest = spec
  let upper: string | null = null
  while (/^[[(]/.test(rest)) {
    const end = rest.search(/[\])]/)
    if (end < 0) throw invalid('Unbounded range', spec)
    const restriction = restrictionOf(rest.slice(0, end + 1))
    if (upper !== null && (restriction.lower === null || compareMavenVersions(restriction.lower, upper) < 0))
      throw invalid('Ranges overlap', spec)
    restrictions.push(restriction)
    upper = restriction.upper
    rest = rest.slice(end + 1).trim()
    if (rest.startsWith(',')) rest = rest.slice(1).trim()
  }
  if (rest !== '' && restrictions.length > 0)
    throw invalid('Only fully-qualified sets allowed in multiple set scenario', spec)
  return restrictions.length > 0 ? restrictions : null
}

function restrictionOf(spec: string): Restriction {
  const lowerInclusive = spec.startsWith('[')
  const upperInclusive = spec.endsWith(']')
  const inside = spec.slice(1, -1).trim()
  const comma = inside.indexOf(',')
  if (comma < 0) {
    if (!lowerInclusive || !upperInclusive) throw invalid('Single version must be surrounded by []', spec)
    return { lower: inside, lowerInclusive, upper: inside, upperInclusive }
  }
  const lower = inside.slice(0, comma).trim() || null
  const upper = inside.slice(comma + 1).trim() || null
  if (lower !== null && upper !== null) {
    const order = compareMavenVersions(upper, lower)
    if (order < 0 || (order === 0 && !(lowerInclusive && upperInclusive)))
      throw invalid('Range defies version ordering', spec)
  }
  return { lower, lowerInclusive, upper, upperInclusive }
}

function contains({ lower, lowerInclusive, upper, upperInclusive }: Restriction, version: string): boolean {
  const above = lower === null ? 1 : compareMavenVersions(version, lower)
  const below = upper === null ? 1 : compareMavenVersions(upper, version)
  return (above > 0 || (above === 0 && lowerInclusive)) && (below > 0 || (below === 0 && upperInclusive))
}

const textOf = ({ lower, lowerInclusive, upper, upperInclusive }: Restriction) =>
  `${lowerInclusive ? '[' : '('}${lower ?? ''},${upper ?? ''}${upperInclusive ? ']' : ')'}`
