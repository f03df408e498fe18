const MULTIPLIER = 0x5bd1e995
const SEED = 0x9747b28c

/**
 * The hash of Java's default partitioner, as a signed 32-bit number: `(murmur2(key) & 0x7fffffff) % partitions` is where every
 * other client finds the key.
 */
export function murmur2(bytes: Uint8Array, length: number = bytes.length): number {
  let hash = SEED ^ length
  let at = 0
  for (const last = length - 4; at <= last; at += 4) {
    let k =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    k = Math.imul(k, MULTIPLIER)
    k = Math.imul(k ^ (k >>> 24), MULTIPLIER)
    hash = Math.imul(hash, MULTIPLIER) ^ k
  }
  const rest = length - at
  if (rest > 0) {
    if (rest > 2) hash ^= (bytes[at + 2] as number) << 16
    if (rest > 1) hash ^= (bytes[at + 1] as number) << 8
    hash = Math.imul(hash ^ (bytes[at] as number), MULTIPLIER)
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER)
  return hash ^ (hash >>> 15)
}
