import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Where the server is that tests use first, built once with Go; null where it cannot be had. */
export const versityBinary = (): Promise<string | null> => fetched('go', 'fetch-versitygw.sh')
/** Where the packages of moto are, installed once with Python; null where it cannot be had. */
export const motoPackages = (): Promise<string | null> => fetched('python3', 'fetch-moto.sh')

/** The script needs the tool only while there is nothing in the cache. */
async function fetched(tool: string, script: string): Promise<string | null> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  try {
    const { stdout } = await promisify(execFile)('sh', [path])
    return stdout.trim()
  } catch (error) {
    if (isThere(tool)) throw error
    return null
  }
}

const isThere = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0

/**
 * For `skip` of a test: false, or why there is no server for it. Continuous integration has both, so nothing is skipped there. What fails
 * to be fetched where the tool is there fails the test.
 */
export async function s3ServerIsAbsent(kind?: 'versitygw' | 'moto'): Promise<string | false> {
  if (process.env['CI'] === 'true') return false
  const found =
    (kind !== 'moto' && (await versityBinary()) !== null) ||
    (kind !== 'versitygw' && (await motoPackages()) !== null)
  if (found) return false
  const why = { versitygw: 'go not found', moto: 'python3 not found' }[kind ?? 'versitygw']
  console.error(`\nSKIPPED: tests with an S3 server (${why})\n`)
  return why
}
