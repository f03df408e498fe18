import { open } from 'node:fs/promises'
import { dataError, nonEmptyString, type SinkRecord, sinkConnector } from '@isthmus/sdk'
import { withoutErrant } from '@isthmus/sdk/sink'

export const MyNameSink = sinkConnector({
  class: 'MyNameSink',
  version: '0.1.0',
  config: {
    file: {
      type: 'string',
      validate: nonEmptyString,
      importance: 'high',
      doc: 'The file that gets a line of JSON for each record.',
    },
  },
  // tasks share the partitions of the topics; here they are all alike
  connector: ({ raw }) => ({ taskConfigs: (maxTasks) => Array.from({ length: maxTasks }, () => raw) }),
  async task({ file }, context) {
    // in place of the file, open what leads to your system
    const target = await open(file, 'a')
    return {
      // a bad record is reported, as errors.tolerance says, and does not hold up the others; where your system may
      // be back soon throw `retriable(…)` instead, and the same records come again
      put: (records) =>
        withoutErrant(context, records, async (good) => {
          await target.appendFile(good.map(lineOf).join(''))
        }),
      // before offsets are committed: what was put must be safe now
      flush: () => target.sync(),
      [Symbol.asyncDispose]: () => target.close(),
    }
  },
})

function lineOf({ key, value }: SinkRecord): string {
  try {
    return `${JSON.stringify({ key, value })}\n`
  } catch (cause) {
    throw dataError('This record cannot be written as JSON', { cause })
  }
}
