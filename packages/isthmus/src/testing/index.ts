// The REST API of a worker, in the process of a test

export type { LogLevels } from '../log/levels.ts'
export { openLogLevels } from '../log/levels.ts'
export { openLog } from '../log/log.ts'
export { openSend } from '../rest/forwarding/send.ts'
export type { Rest, RestOptions } from '../rest/open-rest.ts'
export { openRest } from '../rest/open-rest.ts'
export { routes } from '../rest/routes/routes.ts'
