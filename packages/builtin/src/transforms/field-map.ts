import { fieldOf, setField, type Value } from '@isthmus/sdk'
import type { FieldMap, Fields } from './requirements.ts'

export type MutableFieldMap = { [name: string]: Value } | Map<Value, Value>

/** An entry of a map without a schema; null when it is absent. */
export const entryOf = (map: FieldMap, name: string): Value =>
  map instanceof Map ? (map.get(name) ?? null) : fieldOf(map as Fields, name)

/** A copy of the same form, object or Map. */
export const copyOf = (map: FieldMap): MutableFieldMap =>
  map instanceof Map ? new Map(map) : { ...(map as Fields) }

export function setEntry(map: MutableFieldMap, name: string, value: Value): void {
  if (map instanceof Map) map.set(name, value)
  else setField(map, name, value)
}
