import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What was fetched, or why it cannot be had. */
export type Fetched = { readonly path: string } | { readonly why: string }

/** The server that tests use first, built once with Go. */
export const fetchVersity = (): Promise<Fetched> => fetched('go', 'fetch-versitygw.sh')
/** The folder of the packages of moto, installed once with Python. */
export const fetchMoto = (): Promise<Fetched> => fetched('python3', 'fetch-moto.sh')

/** Where versitygw is, for who starts it by a command of its own; null where it cannot be had. */
export async function versityBinary(): Promise<string | null> {
  const versity = await fetchVersity()
  return 'path' in versity ? versity.path : null
}

/** The script needs the tool only while there is nothing in the cache. */
async function fetched(tool: string, script: string): Promise<Fetched> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  try {
    const { stdout } = await promisify(execFile)('sh', [path])
    return { path: stdout.trim() }
  } catch (error) {
    const isThere = spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0
    return { why: isThere ? (error as Error).message : `${tool} not found` }
  }
}

/**
 * For `skip` of a test: false, or why there is no server for it. Continuous integration has both, so nothing is skipped there: what cannot
 * be had fails the test then.
 */
export async function s3ServerIsAbsent(kind?: 'versitygw' | 'moto'): Promise<string | false> {
  if (process.env['CI'] === 'true') return false
  const reasons: string[] = []
  for (const fetch of [
    ...(kind === 'moto' ? [] : [fetchVersity]),
    ...(kind === 'versitygw' ? [] : [fetchMoto]),
  ]) {
    const result = await fetch()
    if ('path' in result) return false
    reasons.push(result.why)
  }
  console.error(`\nSKIPPED: tests with an S3 server (${reasons.join('; ')})\n`)
  return reasons.join('; ')
}
