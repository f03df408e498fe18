// Speaking to a broker in bare requests

export type { RawClient } from './raw-client.ts'
export { openRawClient } from './raw-client.ts'

// The coordinator of groups without a broker, for groups that are simulated

export { coordinatorSettings } from '../coordinators/settings.ts'
export { openGroups } from '../groups/groups.ts'
export { fakeStateLog } from './fake-state-log.ts'
