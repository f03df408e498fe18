import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { type Lock, missingOf } from '../lock.ts'
import { packageOf, root, type Source } from './sources.ts'

interface Manifest {
  readonly name: string
  readonly version?: string
  readonly dependencies?: { readonly [name: string]: string }
  readonly devDependencies?: { readonly [name: string]: string }
  readonly peerDependencies?: { readonly [name: string]: string }
}

/** Dependencies: declared where used, used where declared, exact, explained; the lock file fit for every platform. */
export function checkManifests(sources: readonly Source[]): string[] {
  const manifests = sources
    .filter(({ path }) => /^(packages\/[^/]+\/)?package\.json$/.test(path))
    .map(({ path, text }) => ({ path, manifest: JSON.parse(text) as Manifest }))
  const version = manifests.find(({ path }) => path !== 'package.json')?.manifest.version
  return [
    ...manifests.flatMap(({ path, manifest }) => [
      ...versionFaults(path, manifest, version),
      ...(path === 'package.json' ? [] : usageFaults(path, manifest, sources)),
    ]),
    ...explanationFaults(
      manifests.map(({ manifest }) => manifest),
      sources,
    ),
    ...lockFaults(),
  ]
}

const declared = (manifest: Manifest): { readonly [name: string]: string } => ({
  ...manifest.peerDependencies,
  ...manifest.devDependencies,
  ...manifest.dependencies,
})

function versionFaults(path: string, manifest: Manifest, shared: string | undefined): string[] {
  const faults = Object.entries(declared(manifest))
    .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    .map(([name, version]) => `${path}: ${name} at '${version}': dependencies are exact`)
  if (path !== 'package.json' && manifest.version !== shared) {
    faults.push(`${path}: version ${manifest.version}; all packages share one (${shared})`)
  }
  return faults
}

const moduleOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

function usageFaults(path: string, manifest: Manifest, sources: readonly Source[]): string[] {
  const owner = packageOf(path)
  const own = sources.filter((source) => packageOf(source.path) === owner)
  const used = (some: readonly Source[]): Set<string> =>
    new Set(
      some
        .flatMap((source) => source.imports)
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map(moduleOf)
        .filter((name) => name !== manifest.name && !builtinModules.includes(name)),
    )
  const shipped = used(own.filter((source) => !source.forTests))
  const tested = used(own)
  const { dependencies = {}, peerDependencies = {} } = manifest
  return [
    ...[...shipped]
      .filter((name) => dependencies[name] === undefined && peerDependencies[name] === undefined)
      .map((name) => `${path}: ${name} is imported but not among its dependencies`),
    ...[...tested]
      .filter((name) => declared(manifest)[name] === undefined)
      .map((name) => `${path}: ${name} is imported by tests but not declared`),
    ...Object.keys(declared(manifest))
      .filter(
        (name) =>
          !tested.has(name.replace('@types/', '')) &&
          !own.some((source) => source.path.endsWith('.ts') && source.text.includes(`'${name}'`)),
      )
      .map((name) => `${path}: ${name} is declared but nothing imports it`),
  ]
}

function explanationFaults(manifests: readonly Manifest[], sources: readonly Source[]): string[] {
  const document = sources.find(({ path }) => path === 'docs/dependencies.md')?.text ?? ''
  const names = new Set(manifests.flatMap((manifest) => Object.keys(declared(manifest))))
  return [...names]
    .filter(
      (name) => name !== 'isthmus' && !name.startsWith('@isthmus/') && !document.includes(`\`${name}\``),
    )
    .map((name) => `docs/dependencies.md: says nothing of ${name}`)
}

function lockFaults(): string[] {
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as Lock
  const missing = Object.keys(missingOf(lock))
  return missing.length === 0
    ? []
    : [`package-lock.json: lacks ${missing.join(', ')}; \`npm ci\` would refuse it: run \`npm run lock\``]
}
