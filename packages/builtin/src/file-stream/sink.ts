import { sinkConnector } from '@isthmus/sdk'
import { VERSION } from '../version.ts'
import { openFileSink } from './sink-task.ts'

/** Values of records to the end of a file, or to standard output, a line each. */
export const FileStreamSink = sinkConnector({
  class: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  taskClass: 'org.apache.kafka.connect.file.FileStreamSinkTask',
  version: VERSION,
  config: {
    file: {
      type: 'string',
      default: null,
      importance: 'high',
      doc: 'Destination filename. If not specified, the standard output will be used',
    },
  },
  connector(config, { log }) {
    log.info(`Starting file sink connector writing to ${config.file || 'standard output'}`)
    const { raw, file } = config
    // tasks of workers before 3.4 take it as it stands, untrimmed
    const plain = { ...raw, ...(file !== null && { file }) }
    return { taskConfigs: (maxTasks) => Array.from({ length: maxTasks }, () => plain) }
  },
  task: (config, { standardOutput }) => openFileSink(config.file || standardOutput),
  alterOffsets: () => true,
})
