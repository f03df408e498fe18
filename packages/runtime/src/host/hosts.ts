import type { OpenHost } from './host.ts'
import { openProcessHost } from './process.ts'
import { openThreadHost } from './thread.ts'

/** Opens the kind of host that is asked for. */
export const openHostOf: OpenHost = (options) =>
  options.isolation === 'process' ? openProcessHost(options) : openThreadHost(options)
