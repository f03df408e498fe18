import { sourceConnector } from '@isthmus/sdk'
import { checkConfig } from '../config/check.ts'
import { restoreConfig } from '../config/restore.ts'
import { openS3Store, releasedOnFailure } from '../s3/store.ts'
import { alterRestoreOffsets } from '../source/alter-offsets.ts'
import { restoreConnector } from '../source/connector.ts'
import { openRestoreTask } from '../source/task.ts'
import { VERSION } from '../version.ts'

/** Objects that `AwsStorageSink` has written, to the topics they came from or to others. */
export const AwsStorageSource = sourceConnector({
  class: 'com.instaclustr.kafka.connect.s3.source.AwsStorageSourceConnector',
  version: VERSION,
  config: restoreConfig,
  connector: async (config, context) =>
    releasedOnFailure(await openS3Store(config, context), (store) =>
      restoreConnector(config, context, store),
    ),
  task: async (config, context) =>
    releasedOnFailure(await openS3Store(config, context), (store) => openRestoreTask(config, context, store)),
  validate: (props, values) => checkConfig('read', props, values),
  alterOffsets: alterRestoreOffsets,
})
