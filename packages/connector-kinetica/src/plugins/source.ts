import { parseConfig, type SourceTask, type SourceTaskContext, sourceConnector } from '@isthmus/sdk'
import { formerSource } from '../config/gpudb.ts'
import { checkSource, type SourceConfig, sourceConfig } from '../config/source.ts'
import { openSourceConnector } from '../source/source-connector.ts'
import { VERSION } from '../version.ts'

const openTask = async (config: SourceConfig, context: SourceTaskContext): Promise<SourceTask> => {
  const { openSourceTask } = await import('../source/source-task.ts')
  return await openSourceTask(config, context)
}

/** Rows of Kinetica's tables to topics. */
export const KineticaSource = sourceConnector({
  class: 'com.kinetica.kafka.KineticaSourceConnector',
  taskClass: 'com.kinetica.kafka.KineticaSourceTask',
  version: VERSION,
  config: sourceConfig,
  validate: checkSource,
  connector: openSourceConnector,
  task: openTask,
  async alterOffsets(props, offsets) {
    const { checkOffsets } = await import('../source/alter-offsets.ts')
    return checkOffsets(parseConfig(sourceConfig, props), offsets)
  },
})

/** The same under the names of version 5. */
export const GPUdbSource = sourceConnector({
  class: 'com.gpudb.kafka.GPUdbSourceConnector',
  taskClass: 'com.gpudb.kafka.GPUdbSourceTask',
  version: VERSION,
  config: formerSource.config,
  validate: formerSource.check(checkSource),
  connector(config) {
    const { taskConfigs } = openSourceConnector(formerSource.present(config))
    return { taskConfigs: async (most) => (await taskConfigs(most)).map(formerSource.former) }
  },
  task: (config, context) => openTask(formerSource.present(config), context),
  async alterOffsets(props, offsets) {
    const { checkOffsets } = await import('../source/alter-offsets.ts')
    return checkOffsets(formerSource.present({ raw: props }), offsets)
  },
})
