// The REST API of a worker, in the process of a test

export type { LogLevels } from '../log/levels.ts'
export { openLogLevels } from '../log/levels.ts'
export { openLog } from '../log/log.ts'
export { openPeer } from '../rest/forwarding/peer.ts'
export type { Rest, RestOptions } from '../rest/open-rest.ts'
export { openRest, routes } from '../rest/open-rest.ts'
