// Plugins and instances of tests

export { openInlineHost } from '../host/inline.ts'
export { descriptorsOf } from '../plugins/scan.ts'
export { testPlugins } from './plugins.ts'

// Topics and what lies in them

export { hostileRecords, hostileStatuses } from './hostile-records.ts'
export { recordsIn } from './kafka-rig.ts'

// What a simulation of whole groups drives: a worker's part in its group, over topics and instances of the simulation's own

export type { Checks } from '../checks/checks.ts'
export type { GroupCore } from '../herder/core.ts'
export type { InstanceSpec } from '../host/messages.ts'
export type { Instance, Observer } from '../instances/instance.ts'
export type { Instances } from '../instances/instances.ts'
export { connectorKey, taskKey } from '../state/ids.ts'
export type { ClusterSnapshot } from '../state/snapshot.ts'
export { openKafkaConfigs } from '../store/configs/kafka.ts'
export { NOTHING_READ, readRecord } from '../store/configs/records.ts'
export { openKafkaStatuses } from '../store/statuses/kafka.ts'
export type { ConfigStore, StatusStore } from '../store/stores.ts'
export type { OpenTopic, ReadRecord, StateTopic, TextRecord } from '../store/topic/topic.ts'
export type { GroupWorker } from '../worker/group-worker.ts'
export { openGroupWorker } from '../worker/group-worker.ts'
export { scanPlugins } from '../worker/plugins.ts'
