/** An amount of memory that those who hold some of it share. */
export interface Allowance {
  /** False: there is not as much left, and nothing was taken. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function openAllowance(limit: number): Allowance {
  let left = limit
  return {
    take(bytes) {
      if (bytes > left) return false
      left -= bytes
      return true
    },
    give(bytes) {
      left += bytes
    },
  }
}
