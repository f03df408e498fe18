import {
  ConnectError,
  dataError,
  retriable,
  type Secret,
  type SinkRecord,
  type SinkTaskContext,
} from '@isthmus/sdk'

export interface ReceiverConfig {
  readonly url: string
  readonly token: Secret | null
  readonly 'request.timeout.ms': number
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
}

/** What an API answers that finds fault with the records, and not with who asks or how. */
const BAD_RECORDS: ReadonlySet<number> = new Set([400, 413, 422])
/** The API may do what it was asked for, if it is asked once more. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429])

/** `POST <url>` with `{ "topic": …, "items": [{ "id": …, "key": …, "value": … }] }`, which takes all of the items or none. */
export function openReceiver(config: ReceiverConfig, context: Pick<SinkTaskContext, 'retryAfter'>) {
  const headers: { [name: string]: string } = { 'content-type': 'application/json' }
  if (config.token !== null) headers['authorization'] = `Bearer ${config.token.reveal()}`

  const request = async (body: string, signal: AbortSignal): Promise<Answer> => {
    const timeout = AbortSignal.timeout(config['request.timeout.ms'])
    const both = AbortSignal.any([signal, timeout])
    try {
      const response = await fetch(config.url, { method: 'POST', headers, body, signal: both })
      const { status } = response
      return { status, retryAfter: response.headers.get('retry-after'), text: await response.text() }
    } catch (cause) {
      signal.throwIfAborted()
      // nobody knows whether it was taken; it is sent again with the same ids
      throw retriable(`No answer from ${config.url}`, { cause })
    }
  }

  return {
    async post(topic: string, records: readonly SinkRecord[], signal: AbortSignal): Promise<void> {
      const { status, retryAfter, text } = await request(bodyOf(topic, records), signal)
      if (status < 300) return
      const said = `${config.url} answered ${status}: ${text.slice(0, 200)}`
      if (BAD_RECORDS.has(status)) throw dataError(said)
      if (status < 500 && !LATER.has(status)) throw new ConnectError('connect', said)
      const seconds = Number(retryAfter ?? Number.NaN)
      if (seconds >= 0) context.retryAfter(seconds * 1000)
      throw retriable(said)
    },
  }
}

function bodyOf(topic: string, records: readonly SinkRecord[]): string {
  const items = records.map((record) => ({ id: idOf(record), key: record.key, value: record.value }))
  try {
    return JSON.stringify({ topic, items })
  } catch (cause) {
    throw dataError('A value cannot be written as JSON', { cause })
  }
}

/**
 * Names a record for good, whatever batch it comes in and however often: an API that leaves out the ids it knows has each record once. Where it
 * is in Kafka is what it is known by, before any transform.
 */
const idOf = ({ originalTopic, originalKafkaPartition, originalKafkaOffset }: SinkRecord): string =>
  `${originalTopic}-${originalKafkaPartition}-${originalKafkaOffset}`
