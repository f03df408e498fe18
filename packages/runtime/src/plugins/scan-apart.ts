import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../text/trace.ts'
import type { PluginDescriptor, Scan } from './descriptor.ts'
import type { Found } from './found.ts'
import { type Candidate, type Places, packagePlaces, placesIn } from './places.ts'
import { indexedPlugins, packageOf } from './plugin-index.ts'
import { notLoaded } from './scan.ts'
import { openScanCache, type ScanCache } from './scan-cache.ts'
import { importApart, type ScanLimits } from './scan-process.ts'
import { duplicateWarnings } from './version.ts'

export interface ScanRequest {
  /** URLs of modules or manifests of packages whose plugins come with the worker. */
  readonly packages: readonly string[]
  /** The entries of `plugin.path`. */
  readonly paths: readonly string[]
}

/** So many modules are worth a process more. */
const LANE_MODULES = 12
const LANES_MAX = 4

/**
 * What there is by the packages' own indexes, by what is known of files with this content, and for the rest by a scan in processes that
 * end with it: whatever plugins do when they are imported, it is done there. A module that ends its process or keeps it busy is left
 * out with a warning; the scan goes on in another one.
 */
export async function scanApart(
  { packages, paths }: ScanRequest,
  limits: ScanLimits = {},
  openCache: () => ScanCache = openScanCache,
): Promise<Scan> {
  const plugins: PluginDescriptor[] = []
  const warnings: string[] = []
  const candidates: Candidate[] = []
  const unread: Pick<Candidate, 'module' | 'stamp'>[] = []
  const add = (places: Places) => {
    candidates.push(...places.candidates)
    warnings.push(...places.warnings)
  }
  const known = new Set<string>()
  for (const url of packages) {
    try {
      const found = packageOf(url)
      const folder = found?.folder ?? new URL('.', url)
      if (known.has(folder.href)) continue
      known.add(folder.href)
      const indexed = found === null ? null : indexedPlugins(found)
      if (indexed !== null) plugins.push(...indexed)
      else add(packagePlaces(fileURLToPath(folder)))
    } catch (error) {
      warnings.push(`${fileURLToPath(url)}: ${messageOf(error)}; the plugins of this package are left out.`)
    }
  }
  add(placesIn(paths))
  if (candidates.length > 0)
    for (const [{ module, location, stamp }, found] of await lookAt(candidates, limits, openCache())) {
      warnings.push(...found.warnings)
      if (found.plugins.length === 0 || found.faulty) unread.push({ module, stamp })
      plugins.push(...found.plugins.map((plugin) => ({ ...plugin, module, location, stamp })))
    }
  const all = withoutRepeated(plugins)
  return { plugins: all, warnings: [...warnings, ...duplicateWarnings(all)], unread }
}

/** In the order of the candidates. */
async function lookAt(
  candidates: readonly Candidate[],
  limits: ScanLimits,
  cache: ScanCache,
): Promise<ReadonlyMap<Candidate, Found>> {
  const results = new Map(candidates.map((one) => [one, cache.read(one)]))
  const unknown = candidates.filter((one) => results.get(one) === null)
  const lanes = Math.min(Math.ceil(unknown.length / LANE_MODULES), availableParallelism(), LANES_MAX)
  const shares = Array.from({ length: lanes }, (_, lane) => unknown.filter((_, at) => at % lanes === lane))
  await Promise.all(
    shares.map((share) =>
      importAll(share, limits, (candidate, found) => {
        results.set(candidate, found)
        cache.write(candidate, found)
      }),
    ),
  )
  return results as Map<Candidate, Found>
}

async function importAll(
  candidates: readonly Candidate[],
  limits: ScanLimits,
  tell: (candidate: Candidate, found: Found) => void,
): Promise<void> {
  let left = candidates
  let triedAgain: Candidate | null = null
  while (left.length > 0) {
    const { found, ended } = await importApart(left, limits)
    for (const [at, one] of found.entries()) tell(left[at] as Candidate, one)
    left = left.slice(found.length)
    const [next] = left
    if (next === undefined) break
    // what an earlier module left behind may have ended the process: only the first of a process is to blame for that
    if (ended.by !== 'module' && found.length > 0) continue
    // nor for what may have come from outside, when it comes once
    if (ended.by === 'outside' && next !== triedAgain) {
      triedAgain = next
      continue
    }
    tell(next, { plugins: [], warnings: [notLoaded(next.module, `${ended.why}; it is left out.`)] })
    left = left.slice(1)
  }
}

/** A plugin may be exported under several names. */
function withoutRepeated(plugins: readonly PluginDescriptor[]): readonly PluginDescriptor[] {
  const known = new Map<string, PluginDescriptor>()
  for (const plugin of plugins) {
    const { type, class: name, version, location, module } = plugin
    // several packages are in the class path
    const key = [type, name, version, location, location === 'classpath' ? module : ''].join('\0')
    if (!known.has(key)) known.set(key, plugin)
  }
  return [...known.values()]
}
