import { inspect } from 'node:util'
import { ConnectError } from '../errors.ts'
import { type SourceOffset, type SourcePartition, type SourceRecord, sourceRecord } from '../record.ts'
import type { Value } from '../schema/schema.ts'

/** An object type of an author, as a type or as an interface, of which each field can be stored. */
type Stored<T> = { readonly [K in keyof T]: Value }

/** Source partitions and offsets in the types of their author. */
export interface OffsetsOfAuthor<P, O> {
  /** Where to go on in a partition; null where nothing is stored, so that it is to be read from its beginning. */
  read(partition: P): Promise<O | null>
  /** Of several partitions, in their order, with one question to the worker. */
  readAll(partitions: readonly P[]): Promise<readonly (O | null)[]>
  /** A record, as `sourceRecord` makes one, whose partition and offset have these types. */
  record(
    fields: { readonly sourcePartition: P; readonly sourceOffset: O } & Pick<
      SourceRecord,
      'topic' | 'value'
    > &
      Partial<Omit<SourceRecord, 'sourcePartition' | 'sourceOffset'>>,
  ): SourceRecord
}

/**
 * Stored offsets with the types of their author: checked when they are read, typed when they are written. `context` is that of a task or of a
 * connector. `parse` makes the author's offset of what is stored, which an earlier version may have written, or another connector of the
 * same name, or a user by way of the REST API; what it throws fails the task, with a message that names the partition and what was stored.
 *
 * ```ts
 * const offsets = offsetsOf<{ table: string }, { id: number }>(context, ({ id }) => ({ id: Number(id) }))
 * const { id } = (await offsets.read({ table })) ?? { id: 0 }
 * ```
 */
export function offsetsOf<P extends Stored<P>, O extends Stored<O>>(
  context: {
    offsets(partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]>
  },
  parse: (offset: SourceOffset, partition: P) => O,
): OffsetsOfAuthor<P, O> {
  const parsed = (offset: SourceOffset, partition: P): O => {
    try {
      return parse(offset, partition)
    } catch (cause) {
      throw new ConnectError(
        'connect',
        `The offset that is stored for source partition ${shown(partition)} cannot be used: it is ${shown(offset)}: ${
          cause instanceof Error ? cause.message : String(cause)
        }. Alter or reset the connector's offsets.`,
        { cause },
      )
    }
  }
  const readAll = async (partitions: readonly P[]): Promise<readonly (O | null)[]> => {
    const stored = await context.offsets(partitions)
    return partitions.map((partition, index) => {
      const offset = stored[index] ?? null
      return offset === null ? null : parsed(offset, partition)
    })
  }
  return {
    readAll,
    async read(partition) {
      const [offset = null] = await readAll([partition])
      return offset
    },
    record: (fields) => sourceRecord(fields),
  }
}

const shown = (value: unknown): string => inspect(value, { breakLength: Infinity, maxStringLength: 200 })
