// Messages and their codec

export { ByteReader, ByteWriter, MalformedError } from './bytes.ts'
export type { RequestHeader } from './codec.ts'
export {
  decode,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encode,
  encodeRequest,
  encodeResponse,
} from './codec.ts'
// Errors
export type { ErrorCode, ErrorName, Remedy } from './errors.ts'
export { errorIds, errorOf } from './errors.ts'
export type { AnswerOf, Api, Message, ReceivedOf, RequestOf, ResponseOf } from './fields.ts'
export { NO_UUID } from './fields.ts'
