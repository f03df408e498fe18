/** A record of an object as a test writes it down; key, value and header values as text or bytes. */
export interface RecordToEncode {
  readonly offset: number
  readonly timestamp?: number | null
  readonly key?: Uint8Array | string | null
  readonly value?: Uint8Array | string | null
  readonly headers?: readonly (readonly [name: string, value: Uint8Array | string | null])[]
}

/** An object of format 0, put together the plain way: what writes and reads them quickly is held to it. */
export function encodeObject(records: readonly RecordToEncode[]): Buffer {
  return Buffer.concat([int32(0), ...records.map(encodeRecord)])
}

function encodeRecord({ offset, timestamp, key, value, headers = [] }: RecordToEncode): Buffer {
  const [keyBytes, valueBytes] = [bytesOf(key), bytesOf(value)]
  return Buffer.concat([
    int64(offset),
    int64(timestamp ?? -1),
    int32(keyBytes?.length ?? -1),
    int32(valueBytes?.length ?? -1),
    int32(headers.length),
    ...(keyBytes === null ? [] : [keyBytes]),
    ...(valueBytes === null ? [] : [valueBytes]),
    ...headers.flatMap(([name, text]) => {
      const [nameBytes, textBytes] = [Buffer.from(name), bytesOf(text)]
      return [
        int32(nameBytes.length),
        nameBytes,
        int32(textBytes?.length ?? -1),
        textBytes ?? Buffer.alloc(0),
      ]
    }),
  ])
}

const bytesOf = (value: Uint8Array | string | null | undefined): Buffer | null =>
  value === null || value === undefined ? null : Buffer.from(value as string)

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
