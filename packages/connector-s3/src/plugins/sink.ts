import { sinkConnector } from '@isthmus/sdk'
import { backupConfig } from '../config/backup.ts'
import { checkConfig } from '../config/check.ts'
import { openS3Store, releasedOnFailure } from '../s3/store.ts'
import { backupConnector } from '../sink/connector.ts'
import { openBackupTask } from '../sink/task.ts'
import { VERSION } from '../version.ts'

/** Records of topics to objects of a bucket, from which `AwsStorageSource` restores them. */
export const AwsStorageSink = sinkConnector({
  class: 'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector',
  version: VERSION,
  config: backupConfig,
  connector: (config, context) => backupConnector(config, context),
  task: async (config, context) =>
    releasedOnFailure(await openS3Store(config, context), (store) => openBackupTask(config, context, store)),
  // what is in the bucket stays: a restore takes each offset once
  alterOffsets: () => true,
  validate: (props, values) => checkConfig('write', props, values),
})
