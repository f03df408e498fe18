import { atLeast, sinkConnector } from '@isthmus/sdk'
import { batches, withoutErrant } from '@isthmus/sdk/sink'
import { openReceiver } from './receiver.ts'

const httpUrl = (value: unknown): string | null =>
  /^https?:/.test(String(value)) && URL.canParse(String(value)) ? null : 'It is no URL of HTTP'

/** Records to an HTTP API, many in a request, each of them once. */
export const HttpSink = sinkConnector({
  class: 'example.HttpSink',
  version: '1.0.0',
  config: {
    url: {
      type: 'string',
      validate: httpUrl,
      importance: 'high',
      doc: 'Where records are posted to.',
    },
    token: {
      type: 'password',
      default: null,
      importance: 'medium',
      doc: 'Sent as a bearer token; without it requests have none.',
    },
    'batch.size': {
      type: 'int',
      default: 500,
      validate: atLeast(1),
      importance: 'medium',
      doc: 'How many records a request carries, at most.',
    },
    'linger.ms': {
      type: 'int',
      default: 1000,
      validate: atLeast(0),
      importance: 'low',
      doc: 'How long a record waits for others to go with it.',
    },
    'request.timeout.ms': {
      type: 'int',
      default: 10_000,
      validate: atLeast(1),
      importance: 'low',
      doc: 'How long to wait for an answer.',
    },
  },
  connector: ({ raw }) => ({ taskConfigs: (maxTasks) => Array.from({ length: maxTasks }, () => raw) }),
  task(config, context) {
    const receiver = openReceiver(config, context)
    const requests = batches(
      context,
      { keyOf: ({ topic }) => topic, maxRecords: config['batch.size'], maxMs: config['linger.ms'] },
      (topic, records, signal) =>
        // what the API refuses is looked for, and reported; the others go on
        withoutErrant(context, records, (some) => receiver.post(topic, some, signal)),
    )
    return {
      put: requests.add,
      // before offsets are committed, and before partitions are given up
      flush: requests.flush,
      close: requests.drop,
      async [Symbol.asyncDispose]() {},
    }
  },
})
