import { type ErrorCode, errorTable } from '@isthmus/sdk'
import { cell, type Page, page, table } from './page.ts'

/** Of each code: what it means, and what becomes of a connector or task that throws it. */
const MEANINGS: { readonly [code in ErrorCode]: readonly [meaning: string, thrown: string] } = {
  config: ['A property is missing, or wrong.', 'FAILED; in a validation, an error of the property.'],
  data: [
    'A record, or a value in it, is bad.',
    'In a converter or transform: the record is dropped and reported where `errors.tolerance=all`, else the task is FAILED. In `put`: FAILED; a sink reports bad records by `errantRecords`.',
  ],
  retriable: [
    'Something is away, and may be back.',
    'In `poll` and `put`: the call comes again. In a converter or transform: tried again within `errors.retry.timeout`. In `flush` and `preCommit`: no offset is committed, and records since the last commit come again. While it starts: FAILED.',
  ],
  'not-found': ['There is no such connector, task, plugin or logger.', 'FAILED.'],
  exists: ['There is such a connector already.', 'FAILED.'],
  'bad-request': ['A request is wrong.', 'FAILED.'],
  forbidden: ['A request is not allowed.', 'FAILED.'],
  unavailable: ['The worker is not ready yet, or has no connection.', 'FAILED.'],
  rebalance: ['The group of workers is dividing the work anew; the request may be sent again.', 'FAILED.'],
  'not-leader': ['Only the leader of the group can do this; workers forward such requests to it.', 'FAILED.'],
  plugin: ['A plugin cannot be loaded, or its code answers what no worker can use.', 'FAILED.'],
  kafka: [
    'Kafka refuses something; the message has its own code.',
    'FAILED, unless Kafka calls it retriable: then a source is polled again.',
  ],
  timeout: ['Something took too long.', 'FAILED.'],
  state: ['What was asked does not go in this state.', 'FAILED.'],
  connect: ['Any other failure of a connector, a task or a worker.', 'FAILED.'],
  internal: ['A fault of the worker itself.', 'FAILED.'],
}

export function errorPage(): Page {
  const rows = Object.entries(errorTable).map(([code, { java, status, retriable }]) => {
    const [meaning, thrown] = MEANINGS[code as ErrorCode]
    return [`\`${code}\``, cell(meaning), `\`${java}\``, String(status), retriable ? 'yes' : 'no', thrown]
  })
  return page('errors', 'Errors', 'the table of codes', INTRO, [
    [
      'Codes',
      table(
        [
          'code',
          'what it means',
          'in traces and answers',
          'REST status',
          'worth another attempt',
          'thrown by a connector or task',
        ],
        rows,
      ),
    ],
  ])
}

const INTRO = `An error has a code: \`new ConnectError(code, message)\` of [the SDK](sdk.md), for which \`retriable(message)\` and
\`dataError(message)\` are short. Traces and answers of the [REST API](rest.md) show the class that Java has for it. Any
error without a code, such as a \`TypeError\`, shows its own name, has the status 500, and makes a connector or task FAILED
as well; it stays so until it is restarted.`
