type Crc = (bytes: Uint8Array, previous?: number) => number

let chosen: Crc | undefined

/** CRC-32C (Castagnoli) of `bytes`, going on from `previous`. Native where a prebuilt binary fits the platform. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  chosen ??= nativeCrc() ?? crc32cPortable
  return chosen(bytes, previous)
}

function nativeCrc(): Crc | undefined {
  try {
    // loaded at first use: half of the threads that import the protocol only ever talk to a group coordinator
    const { createRequire } = process.getBuiltinModule('node:module')
    return (createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: Crc }).crc32c
  } catch {
    return undefined // no binary for this platform
  }
}

let tables: readonly Uint32Array[] | undefined

/** Slicing-by-8: eight table look-ups for eight bytes. */
export function crc32cPortable(bytes: Uint8Array, previous = 0): number {
  tables ??= makeTables()
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  let crc = ~previous
  let at = 0
  for (const last = bytes.length - 8; at <= last; at += 8) {
    const low =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24))
    crc =
      (t7[low & 0xff] as number) ^
      (t6[(low >>> 8) & 0xff] as number) ^
      (t5[(low >>> 16) & 0xff] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 0xff] as number)
  return ~crc >>> 0
}

function makeTables(): Uint32Array[] {
  const first = new Uint32Array(256)
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
    first[i] = crc
  }
  const made = [first]
  for (let n = 1; n < 8; n++) {
    const before = made[n - 1] as Uint32Array
    made.push(before.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number)))
  }
  return made
}
