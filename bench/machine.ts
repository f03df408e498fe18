import { cpus, loadavg, totalmem } from 'node:os'
import { APACHE_VERSION } from '../tests/apache/jars.ts'

/** What the figures were measured on; kept beside them. */
export const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  apache: APACHE_VERSION,
}

/** How many wanted a core in the last minute: beyond the number of cores, others took a part of them. */
export const loadAverage = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10
