import type { Answer } from './play.ts'

/** Where a worker on its own of ours answers otherwise than Java's distributed one, and why that is meant to be so. */
export interface Difference {
  readonly reason: string
  readonly applies: (java: Answer) => boolean
  /** Java's answer as we give it. */
  readonly ours: (java: Answer, ours: Answer) => Answer
}

const message = ({ body }: Answer): string =>
  String((body as { message?: unknown } | null)?.message ?? (typeof body === 'string' ? body : ''))
const failure = (answer: Answer, status: number, text: string): Answer => ({
  ...answer,
  status,
  headers: { ...answer.headers, 'content-type': 'application/json' },
  body: { error_code: status, message: text },
})
const configOf = (body: unknown): object => Object((body as { config?: unknown } | null)?.config)
const traced = (body: unknown): boolean => JSON.stringify(body).includes('"trace":')
const JSON_FAULT =
  /^(Cannot (invoke|deserialize|construct)|Unrecognized (token|field)|Unexpected (character|end))/

/** Null where there is no task of that kind without it. */
function withBatchSize(body: unknown): unknown {
  const tasks = (Array.isArray(body) ? body : []) as readonly { config?: { [name: string]: string } }[]
  const lacks = (config: { [name: string]: string } = {}) =>
    config['task.class']?.endsWith('.FileStreamSourceTask') === true && config['batch.size'] === undefined
  if (!tasks.some(({ config }) => lacks(config))) return null
  return tasks.map((task) =>
    lacks(task.config) ? { ...task, config: { ...task.config, 'batch.size': '2000' } } : task,
  )
}

/** The first that applies counts. */
export const differences: readonly Difference[] = [
  {
    reason: 'a body that is no such JSON is the mistake of the client: 400 with a text of our own, not 500',
    applies: (java) => java.status === 500 && JSON_FAULT.test(message(java)),
    ours: (java, ours) => failure(java, 400, message(ours)),
  },
  {
    reason: 'a config without a known class is the mistake of the client, validated or created: 400',
    applies: (java) => java.status === 500 && message(java).includes('BadRequestException: '),
    ours: (java) => failure(java, 400, message(java).replace(/^(org\.apache[\w.]+Exception: )+/, '')),
  },
  {
    reason: 'an empty class is no class: the same text as for none',
    applies: (java) => java.request.includes('"connector.class":""'),
    ours: (java) =>
      failure(java, 400, 'Connector config {connector.class=, name=a} contains no connector type'),
  },
  {
    reason: 'errors are JSON, also where Java answers in HTML',
    applies: (java) => java.headers['content-type']?.startsWith('text/html') === true,
    ours: (java, ours) => failure(java, java.status, message(ours)),
  },
  {
    reason: 'errors have a body, also where Java answers with none',
    applies: (java) => java.status === 400 && java.body === '',
    ours: (java, ours) => ({ ...java, body: ours.body }),
  },
  {
    reason: 'offsets that no store could hold are the mistake of the client: 400',
    applies: (java) => java.status === 500 && message(java).startsWith('Offsets may only contain'),
    ours: (java) => failure(java, 400, message(java)),
  },
  {
    reason:
      'a null that a property allows counts as absent; Java keeps it in the config, and the connector fails',
    applies: ({ body }) => Object.values(configOf(body)).includes(null),
    ours: (java, ours) => {
      const config = Object.fromEntries(
        Object.entries(configOf(java.body)).filter(([, value]) => value !== null),
      )
      const { tasks } = ours.body as { tasks?: unknown }
      return { ...java, body: { ...(java.body as object), config, tasks } }
    },
  },
  {
    reason: 'a config keeps the name of its connector: a patch that removes it changes nothing',
    applies: ({ request }) => request.startsWith('PATCH') && /\{"name":null\}$/.test(request),
    ours: (_, ours) => ours,
  },
  {
    reason: 'what is being restarted has no trace any more',
    applies: (java) => JSON.stringify(java.body).includes('"state":"RESTARTING"') && traced(java.body),
    ours: (java) => ({
      ...java,
      body: JSON.parse(JSON.stringify(java.body, (key, value) => (key === 'trace' ? undefined : value))),
    }),
  },
  {
    reason: 'creating waits for the tasks, as standalone workers do, and names them',
    applies: (java) => java.status === 201 && (java.body as { tasks?: unknown[] }).tasks?.length === 0,
    ours: (java, ours) => {
      const { name } = java.body as { name: string }
      const tasks =
        ((ours.body as { tasks?: unknown[] }).tasks ?? []).length > 0 ? [{ connector: name, task: 0 }] : []
      return { ...java, body: { ...(java.body as object), tasks } }
    },
  },
  {
    reason: 'a worker on its own has no session of a group: its internal endpoints refuse everybody with 403',
    applies: (java) => message(java) === 'Internal request missing required signature',
    ours: (java, ours) => failure(java, 403, message(ours)),
  },
  {
    reason: 'the version of a task is known also when it fails to start; its trace names our class',
    applies: (java) => JSON.stringify(java.body).includes('Invalid value many for configuration acks'),
    ours: (java) => ({
      ...java,
      body: JSON.parse(
        JSON.stringify(java.body)
          .replaceAll('"version":null', '"version":"4.3.1"')
          .replaceAll(
            'org.apache.kafka.common.config.ConfigException',
            'org.apache.kafka.common.errors.ConfigException',
          ),
      ),
    }),
  },
  {
    reason: 'configs of tasks are new at once; Java may still show those before',
    applies: (java) => java.request === 'GET /connectors/src/tasks',
    ours: (java, ours) => ({ ...java, body: ours.body }),
  },
  {
    reason: 'task configs of the file source hold the default of batch.size, for workers before 3.4',
    applies: ({ request, body }) => request.endsWith('/tasks') && withBatchSize(body) !== null,
    ours: (java) => ({ ...java, body: withBatchSize(java.body) }),
  },
  {
    reason: 'the linger.ms of our producer is 0 by default',
    applies: (java) =>
      java.request.includes('producer.override.linger.ms') && java.request.includes('/config/validate'),
    ours: (java) => ({
      ...java,
      body: JSON.parse(
        JSON.stringify(java.body).replace(
          /("name":"producer\.override\.linger\.ms","type":"LONG","required":false,"default_value":)"5"/,
          '$1"0"',
        ),
      ),
    }),
  },
]
