import { type Props, type SinkPlugin, sinkConnector } from '@isthmus/sdk'
import { formerSink } from '../config/gpudb.ts'
import { checkSink, destinationsOf, type SinkConfig, sinkConfig, withPresentNames } from '../config/sink.ts'
import { taskPropsOf } from '../config/task-props.ts'
import { VERSION } from '../version.ts'

/** The configuration of each task: that of the connector under present names, every property with its value. */
function taskConfigs({ raw }: SinkConfig): (maxTasks: number) => readonly Props[] {
  const present = withPresentNames(raw)
  destinationsOf(present)
  const task = taskPropsOf(sinkConfig, present)
  return (maxTasks) => Array.from({ length: maxTasks }, () => task)
}

/** Records of topics to tables of Kinetica. */
export const KineticaSink = sinkConnector({
  class: 'com.kinetica.kafka.KineticaSinkConnector',
  version: VERSION,
  config: sinkConfig,
  validate: checkSink,
  connector: (config) => ({ taskConfigs: taskConfigs(config) }),
  task: async (config, context) => (await import('../sink/sink-task.ts')).openSinkTask(config, context),
  alterOffsets: () => true,
})

/** The same, under the name and with the properties that it had in version 5. */
export const GPUdbSink: SinkPlugin = sinkConnector({
  class: 'com.gpudb.kafka.GPUdbSinkConnector',
  version: VERSION,
  config: formerSink.config,
  validate: formerSink.check(checkSink),
  connector: (config) => {
    const ofTasks = taskConfigs(formerSink.present(config))
    return { taskConfigs: (maxTasks) => ofTasks(maxTasks).map(formerSink.former) }
  },
  task: (config, context) => KineticaSink.task(formerSink.present(config), context),
  alterOffsets: () => true,
})
