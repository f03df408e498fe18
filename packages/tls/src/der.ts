/** An element of DER: its tag, and where its content lies. */
export interface Element {
  readonly tag: number
  readonly begin: number
  readonly end: number
}

/** Null: not DER. What OpenSSL takes beyond it (lengths left open, long tags) would let things be hidden. */
export function elementAt(der: Buffer, at: number): Element | null {
  const tag = der[at]
  let length = der[at + 1]
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f || length === 0x80) return null
  let begin = at + 2
  if (length > 0x80) {
    const size = length - 0x80
    if (size > 4 || begin + size > der.length) return null
    length = der.readUIntBE(begin, size)
    begin += size
  }
  return begin + length > der.length ? null : { tag, begin, end: begin + length }
}
