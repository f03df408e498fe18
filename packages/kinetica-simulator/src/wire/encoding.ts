import { Refusal, refusal } from '../refusal.ts'
import { type Exchange, envelope } from './messages.ts'

/** How a message is written: as JSON, or as Avro's binary. */
export type Encoding = 'json' | 'binary'

export const contentTypes: { readonly [encoding in Encoding]: string } = {
  json: 'application/json',
  binary: 'application/octet-stream',
}

/** The encoding of a content type; anything that is not binary is JSON, as `curl` sends it. Throws a Refusal for Snappy. */
export function encodingOf(contentType: string): Encoding {
  if (contentType.includes('application/x-snappy')) {
    throw refusal('Content type application/x-snappy is not supported', 'U/Uc:303')
  }
  return contentType.includes(contentTypes.binary) ? 'binary' : 'json'
}

/** The encoding that an answer is wanted in; where anything will do, that of the request. */
export const answerEncoding = (accept: string | undefined, request: Encoding): Encoding =>
  accept === undefined || accept.includes('*/*') ? request : encodingOf(accept)

/** A request that has the form of its endpoint; throws a Refusal for one that has not, or has options that it does not know. */
export function readRequest(exchange: Exchange, encoding: Encoding, body: Buffer): unknown {
  const request = encoding === 'binary' ? readBinary(exchange, body) : readJson(exchange, body)
  const options = (request as { readonly options: { readonly [key: string]: string } }).options
  for (const key of Object.keys(options)) {
    if (!exchange.options.includes(key)) {
      throw refusal(`Parameter map key: '${key}' is not a valid parameter`, 'U/PUh:348')
    }
  }
  return request
}

function readBinary({ request }: Exchange, body: Buffer): unknown {
  try {
    return request.fromBuffer(body)
  } catch (error) {
    throw refusal(`Invalid Avro of ${request.name}: ${(error as Error).message}`, 'U/Ua:304')
  }
}

function readJson({ request }: Exchange, body: Buffer): unknown {
  const text = body.toString()
  const fields = fieldsOf(text)
  for (const { name } of (request as unknown as { readonly fields: readonly { readonly name: string }[] })
    .fields) {
    if (!fields.has(name)) throw refusal(`Field '${name}' is missing in the ${request.name}`, 'U/Uj:305')
  }
  try {
    return request.fromString(text)
  } catch (error) {
    throw refusal(`Invalid JSON of ${request.name}: ${(error as Error).message}`, 'U/Uj:306')
  }
}

function fieldsOf(text: string): ReadonlySet<string> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw refusal(`Body is no JSON: ${(error as Error).message}`, 'U/Uj:307')
  }
  if (typeof body !== 'object' || body === null) throw refusal('Body is no JSON object', 'U/Uj:308')
  return new Set(Object.keys(body))
}

/** The envelope around an answer. */
export function writeAnswer(exchange: Exchange, encoding: Encoding, answer: object): Buffer {
  const { response, responseName } = exchange
  return writeEnvelope(encoding, {
    status: 'OK',
    message: '',
    data_type: responseName,
    data: encoding === 'binary' ? response.toBuffer(answer) : Buffer.alloc(0),
    data_str: encoding === 'json' ? response.toString(answer) : '',
  })
}

/** The envelope of what went wrong. */
export const writeError = (encoding: Encoding, message: string): Buffer =>
  writeEnvelope(encoding, {
    status: 'ERROR',
    message,
    data_type: 'none',
    data: Buffer.alloc(0),
    data_str: '',
  })

interface Envelope {
  readonly status: string
  readonly message: string
  readonly data_type: string
  readonly data: Buffer
  readonly data_str: string
}

const writeEnvelope = (encoding: Encoding, message: Envelope): Buffer =>
  encoding === 'binary' ? envelope.toBuffer(message) : Buffer.from(JSON.stringify({ ...message, data: '' }))

/** The message of an error that is the client's. Any other is the simulator's own, and is thrown on. */
export function messageOf(error: unknown): string {
  if (error instanceof Refusal) return error.message
  throw error
}
