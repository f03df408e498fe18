/** A string stands for its UTF-8 bytes: it is encoded straight into the batch. */
export type RecordBytes = Uint8Array | string | null
export interface RecordHeader {
  readonly key: string
  readonly value: RecordBytes
}
