import { inspect } from 'node:util'
import {
  ConnectError,
  type ConnectRecord,
  codeOf,
  dataError,
  type SchemaAndValue,
  type Serialized,
} from '@isthmus/sdk'
import { contentFault } from '@isthmus/sdk/checks'

/** What converters answer, looked at by one test that nearly every answer passes, which tells promises apart as well. */

export const isSerialized = (answer: unknown): answer is Serialized =>
  typeof answer === 'string' || answer === null || answer instanceof Uint8Array

/** A promise has no schema either. */
export const isData = (answer: unknown): answer is SchemaAndValue =>
  (answer as Partial<SchemaAndValue> | null | undefined)?.schema !== undefined

type Asked = 'fromConnectData' | 'toConnectData' | 'fromConnectHeader' | 'toConnectHeader'

/** What the converter of this class has answered, if it can be written. */
export function serialized(answer: unknown, converter: string, asked: Asked): Serialized {
  if (isSerialized(answer)) return answer
  throw wrong(answer, converter, asked, 'bytes (a Uint8Array), text or null for a record without it')
}

/** What the converter of this class has answered, if it is data. */
export function data(answer: unknown, converter: string, asked: Asked): SchemaAndValue {
  if (isData(answer)) return answer
  throw wrong(answer, converter, asked, '{ schema, value }, with `schema: null` for a value without one')
}

function wrong(answer: unknown, converter: string, asked: Asked, right: string): ConnectError {
  const isPromise = typeof (answer as { then?: unknown } | null | undefined)?.then === 'function'
  const found = isPromise
    ? 'a promise'
    : inspect(answer, { depth: 0, breakLength: Infinity, maxStringLength: 100 })
  const instead = isPromise ? `${right}, at once: headers are not waited for` : right
  return new ConnectError('plugin', `'${asked}' of ${converter} has returned ${found}: it returns ${instead}`)
}

/** An error that a record met and that says nothing of it, such as a stack that is full, told with what no record may hold. */
export function explained(error: unknown, record: ConnectRecord): unknown {
  if (codeOf(error) !== undefined) return error
  const fault = contentFault(record)
  return fault === null ? error : dataError(`The record cannot be converted: its ${fault}`, { cause: error })
}
