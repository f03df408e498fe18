import { type Endpoint, endpoints, type Fields, type ResponseOf, type Shape } from './endpoints.ts'
import { failure, reasonOfRefusal, shownReason } from './failure.ts'
import { decodeMessage } from './message.ts'

/** What came back over HTTP. */
export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
}

interface Envelope {
  readonly status: string
  readonly message: string
  /** The answer of the endpoint, as JSON or as Avro; none in an answer of status ERROR. */
  readonly data_str: string
  readonly data: Uint8Array
}

const envelopeFields = {
  status: 'string',
  message: 'string',
  data_type: 'string',
  data: 'bytes',
  data_str: 'string',
} as const satisfies Fields

const MOST_SHOWN = 200

/** The answer of the endpoint, out of what came over HTTP; throws what it says instead. `where` names the endpoint's URL in errors. */
export function readAnswer<E extends Endpoint>(
  endpoint: E,
  where: string,
  { status, body }: HttpAnswer,
): ResponseOf<E> {
  if (status === 401 || status === 403)
    throw failure(
      'unauthorized',
      `${where} answers with HTTP status ${status}: the database does not accept kinetica.username and kinetica.password, or they may not do this`,
    )
  const { encoding, response } = endpoints[endpoint]
  const envelope = encoding === 'json' ? envelopeOfJson(body) : envelopeOfAvro(body)
  if (envelope === null) {
    const shown = body.toString('utf8', 0, MOST_SHOWN).replaceAll(/[^ -~]/g, '.')
    throw failure(
      status >= 500 ? 'unavailable' : 'unintelligible',
      `${where} answers with HTTP status ${status} and not as Kinetica does: ${shown || 'without a body'}`,
    )
  }
  if (envelope.status !== 'OK')
    throw failure(
      reasonOfRefusal(status, envelope.message),
      `${where} refuses: ${shownReason(envelope.message)}`,
    )
  try {
    return (
      encoding === 'json' ? readJson(response, envelope.data_str) : decodeMessage(response, envelope.data)
    ) as ResponseOf<E>
  } catch (cause) {
    throw failure(
      'unintelligible',
      `${where} has answered what cannot be read: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

/** The answer in JSON; throws an Error that says which of the fields is not there as its endpoint has it. */
function readJson(fields: Fields, text: string): object {
  const answer: unknown = JSON.parse(text)
  if (!isObject(answer)) throw new Error('it is no object')
  for (const [name, shape] of Object.entries(fields))
    if (!hasShape(shape, answer[name]))
      throw new Error(`${name} is ${answer[name] === undefined ? 'missing' : 'of another type'}`)
  return answer
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function hasShape(shape: Shape, value: unknown): boolean {
  if (typeof shape === 'string')
    return typeof value === (shape === 'string' || shape === 'boolean' ? shape : 'number')
  if ('array' in shape) return Array.isArray(value) && value.every((item) => hasShape(shape.array, item))
  return isObject(value) && Object.values(value).every((item) => hasShape(shape.map, item))
}

function envelopeOfJson(body: Buffer): Envelope | null {
  try {
    const envelope = JSON.parse(body.toString()) as Partial<Envelope> | null
    return typeof envelope?.status === 'string'
      ? {
          status: envelope.status,
          message: envelope.message ?? '',
          data_str: envelope.data_str ?? '',
          data: Buffer.of(),
        }
      : null
  } catch {
    return null
  }
}

function envelopeOfAvro(body: Buffer): Envelope | null {
  try {
    const envelope = decodeMessage(envelopeFields, body) as unknown as Envelope
    return envelope.status === 'OK' || envelope.status === 'ERROR' ? envelope : null
  } catch {
    // a proxy, or a server before it knows how it was asked, answers in text
    return envelopeOfJson(body)
  }
}
