import { cpus, totalmem } from 'node:os'
import { APACHE_VERSION } from '../tests/apache/jars.ts'

/** What the figures were measured on; kept beside them. */
export const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  apache: APACHE_VERSION,
}
