import { entriesOf, kindOf, NUMBER_KIND, type Schema, type Value } from './schema.ts'

/** Java's `ConnectSchema.equals`: everything counts, also documentation, parameters and defaults. */
export function sameSchema(a: Schema | null, b: Schema | null): boolean {
  if (a === b) return true
  if (a === null || b === null || a.type !== b.type) return false
  if (a.optional !== b.optional || a.name !== b.name || a.version !== b.version || a.doc !== b.doc)
    return false
  if (!sameParameters(a.parameters, b.parameters)) return false
  if (
    (a.default === undefined) !== (b.default === undefined) ||
    !sameValue(a.default ?? null, b.default ?? null)
  )
    return false
  if (a.type === 'array') return sameSchema(a.items, (b as typeof a).items)
  if (a.type === 'map')
    return sameSchema(a.keys, (b as typeof a).keys) && sameSchema(a.values, (b as typeof a).values)
  if (a.type !== 'struct') return true
  const others = (b as typeof a).fields
  return (
    a.fields.length === others.length &&
    a.fields.every((field, index) => {
      const other = others[index]
      return other !== undefined && field.name === other.name && sameSchema(field.schema, other.schema)
    })
  )
}

/** Two maps of parameters; order does not matter. */
export function sameParameters(a: Schema['parameters'], b: Schema['parameters']): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && a[name] === b[name])
  )
}

/** Whether two values are the same data: bytes, dates, decimals and maps by content, numbers with their kind. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b || Object.is(a, b)) return true
  const kind = kindOf(a)
  if (kind !== kindOf(b)) return false
  switch (kind) {
    case 'list': {
      const [left, right] = [a as readonly Value[], b as readonly Value[]]
      return (
        left.length === right.length && left.every((item, index) => sameValue(item, right[index] ?? null))
      )
    }
    case 'bytes': {
      const [left, right] = [a as Uint8Array, b as Uint8Array]
      return left.length === right.length && left.every((byte, index) => byte === right[index])
    }
    case 'date':
      return (a as Date).getTime() === (b as Date).getTime()
    case 'map':
      return sameEntries(a, b)
    case 'decimal': {
      const [left, right] = [a, b] as { [NUMBER_KIND]: 'decimal'; unscaled: bigint; scale: number }[]
      return left?.unscaled === right?.unscaled && left?.scale === right?.scale
    }
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
      return Object.is(numberIn(a), numberIn(b))
    default:
      return false
  }
}

const numberIn = (value: Value): number =>
  typeof value === 'object' ? (value as { number: number }).number : Number(value)

function sameEntries(a: Value, b: Value): boolean {
  const entries = entriesOf(a)
  const others = new Map(entriesOf(b))
  return (
    entries.length === others.size &&
    entries.every(([key, item]) => {
      if (others.has(key)) return sameValue(item, others.get(key) ?? null)
      for (const [other, otherItem] of others) if (sameValue(key, other)) return sameValue(item, otherItem)
      return false
    })
  )
}
