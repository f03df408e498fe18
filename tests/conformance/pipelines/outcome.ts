/** A record of a topic. Bytes are text where they are UTF-8, else `base64:…`. */
export interface Stored {
  readonly topic: string
  readonly partition: number
  /** Null: the time of the run. */
  readonly timestamp: number | null
  readonly key: string | null
  readonly value: string | null
  readonly headers?: readonly (readonly [string, string | null])[]
}

/** What a worker made of a pipeline, with what differs between any two runs made equal. */
export interface Outcome {
  readonly name: string
  /** Refused: the answer to the request that would create it. Unfinished: neither done nor failed in time. */
  readonly state: 'done' | 'failed' | 'refused' | 'unfinished'
  /** Of a failed task, an exception each, without frames; or the text of the refusal. */
  readonly errors?: readonly string[]
  /** The sink's. */
  readonly file?: string
  /** Of every topic of the pipeline but its input, by topic, partition and offset. */
  readonly records: readonly Stored[]
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function textOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null
  try {
    return utf8.decode(bytes)
  } catch {
    return `base64:${Buffer.from(bytes).toString('base64')}`
  }
}

/** The exceptions of a trace, the outermost first. */
export const exceptionsOf = (trace: string): readonly string[] =>
  trace
    .split('\n')
    .filter((line) => line !== '' && !/^\s+at |^\t\.\.\. \d+ more/.test(line))
    .join('\n')
    .split('\nCaused by: ')
    .map((text) => text.trimEnd())
