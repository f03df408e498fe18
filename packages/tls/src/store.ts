/** What a key store or trust store holds, as PEM. */
export interface Contents {
  /** The first private key. */
  readonly key: string | null
  /** The certificates of that key, its own first. */
  readonly chain: readonly string[]
  /** Certificates that stand for themselves. */
  readonly trusted: readonly string[]
}

/** What is wrong with a store, to be put behind its name. */
export class StoreProblem extends Error {
  override name = 'StoreProblem'
}
