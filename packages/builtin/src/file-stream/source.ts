import {
  type AlterSourceOffsets,
  ConnectError,
  nonEmptyString,
  type SourceOffset,
  type SourcePartition,
  sourceConnector,
} from '@isthmus/sdk'
import { VERSION } from '../version.ts'
import { openFileTask } from './source-task.ts'

const fileOf = (text: string | null | undefined): string | null =>
  text === null || text === undefined || text === '' ? null : text

/** Lines of a file, or of standard input, to a topic. */
export const FileStreamSource = sourceConnector({
  class: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  taskClass: 'org.apache.kafka.connect.file.FileStreamSourceTask',
  version: VERSION,
  config: {
    file: {
      type: 'string',
      default: null,
      importance: 'high',
      doc: 'Source filename. If not specified, the standard input will be used',
    },
    topic: {
      type: 'string',
      validate: nonEmptyString,
      importance: 'high',
      doc: 'The topic to publish data to',
    },
    'batch.size': {
      type: 'int',
      default: 2000,
      importance: 'low',
      doc: 'The maximum number of records the source task can read from the file each time it is polled',
    },
  },
  connector(config, { log }) {
    log.info(`Starting file source connector reading from ${fileOf(config.file) ?? 'standard input'}`)
    const { raw, file, topic, 'batch.size': batchSize } = config
    // tasks of workers before 3.4 take these as they stand, untrimmed, and know no default
    const plain = { ...raw, ...(file !== null && { file }), topic, 'batch.size': String(batchSize) }
    // only one input stream makes sense
    return { taskConfigs: () => [plain] }
  },
  task: (config, context) =>
    openFileTask(
      {
        file: fileOf(config.file),
        topic: config.topic,
        // Java's task emits a line at a time for such values; no batch would never end
        'batch.size': Math.max(1, config['batch.size']),
      },
      context,
    ),
  // appended files only: what was read must not change
  exactlyOnceSupport: (props) => (fileOf(props['file']?.trim()) === null ? 'UNSUPPORTED' : 'SUPPORTED'),
  alterOffsets: (props, offsets) => alterOffsets(props, offsets),
})

const alterOffsets: AlterSourceOffsets = (props, offsets) => {
  if (fileOf(props['file']?.trim()) === null)
    throw new ConnectError(
      'connect',
      "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.",
    )
  for (const [partition, offset] of offsets) checkOffset(partition, offset)
  return true
}

/** A null offset is accepted for any partition, so that garbage can be removed. */
function checkOffset(partition: SourcePartition | null, offset: SourceOffset | null): void {
  if (offset === null) return
  const refuse = (message: string) => new ConnectError('connect', message)
  if (!Object.hasOwn(offset, 'position'))
    throw refuse("Offset objects should either be null or contain the key 'position'")
  const position = offset['position']
  if (typeof position !== 'bigint' && !Number.isSafeInteger(position))
    throw refuse("The value for the 'position' key in the offset is expected to be a Long value")
  if (Number(position) < 0)
    throw refuse("The value for the 'position' key in the offset should be a non-negative value")
  if (partition === null) throw refuse('Partition objects cannot be null')
  if (!Object.hasOwn(partition, 'filename'))
    throw refuse("Partition objects should contain the key 'filename'")
}
