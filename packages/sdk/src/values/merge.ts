import { sameSchema } from '../schema/equal.ts'
import type { Schema, SchemaType } from '../schema/schema.ts'

const WIDENING: readonly SchemaType[] = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64']

/** Finds the type that all of a list's elements share: the widest of their numbers, or the one type of all. */
export function schemaMerger() {
  let common: Schema | null = null
  let compatible = true
  return {
    merge(latest: Schema | null): void {
      if (latest === null || !compatible) return
      common = common === null ? latest : merged(common, latest)
      compatible = common !== null
    },
    common: () => common,
  }
}

function merged(previous: Schema, latest: Schema): Schema | null {
  if (previous.type !== latest.type) {
    const [from, to] = [WIDENING.indexOf(previous.type), WIDENING.indexOf(latest.type)]
    if (from < 0 || to < 0) return null
    return from > to ? previous : latest
  }
  if (previous.optional === latest.optional) return previous.optional ? previous : latest
  return sameSchema(previous, latest) ? previous : null
}
