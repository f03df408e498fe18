import { ConnectError, dataError } from '../errors.ts'
import { floatOfLong } from '../java/narrowing.ts'
import { javaText, schemaText } from '../java/text.ts'
import { sameParameters } from './equal.ts'
import { fieldOf, type Schema, type SchemaType, setField, type Value } from './schema.ts'

const WIDENING: readonly SchemaType[] = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64']

function promotable(source: SchemaType, target: SchemaType): boolean {
  const from = WIDENING.indexOf(source)
  return from >= 0 && from <= WIDENING.indexOf(target)
}

/** A value written under one schema as the other schema has it (Java's `SchemaProjector`); a `data` error where they do not agree. */
export function project(source: Schema, value: Value, target: Schema): Value {
  checkCompatible(source, target)
  if (source.optional && !target.optional) {
    if (target.default === undefined)
      throw dataError('Writer schema is optional, however, target schema does not provide a default value.')
    return value === null ? target.default : projectPresent(source, value, target)
  }
  return value === null ? null : projectPresent(source, value, target)
}

function checkCompatible(source: Schema, target: Schema): void {
  if (source.type !== target.type && !promotable(source.type, target.type))
    throw dataError(
      `Schema type mismatch. source type: ${source.type.toUpperCase()} and target type: ${target.type.toUpperCase()}`,
    )
  if (source.name !== target.name)
    throw dataError(
      `Schema name mismatch. source name: ${source.name ?? null} and target name: ${target.name ?? null}`,
    )
  if (!sameParameters(source.parameters, target.parameters))
    throw dataError(
      `Schema parameters not equal. source parameters: ${javaText(source.parameters)} and target parameters: ${javaText(target.parameters)}`,
    )
}

function projectPresent(source: Schema, value: Value, target: Schema): Value {
  switch (target.type) {
    case 'struct':
      return projectStruct(source, value as { readonly [name: string]: Value }, target)
    case 'array': {
      const items = (source as typeof target).items
      return (value as readonly Value[]).map((item) => projectInside(items, item, target.items))
    }
    case 'map': {
      const { keys, values } = source as typeof target
      const projected = new Map<Value, Value>()
      for (const [key, item] of value as ReadonlyMap<Value, Value>)
        projected.set(projectInside(keys, key, target.keys), projectInside(values, item, target.values))
      return projected
    }
    default:
      return widen(value, source.type, target.type)
  }
}

const projectInside = (source: Schema | null, value: Value, target: Schema | null): Value =>
  source === null || target === null ? value : project(source, value, target)

function projectStruct(
  source: Schema,
  value: { readonly [name: string]: Value },
  target: Schema & { type: 'struct' },
): Value {
  const projected: { [name: string]: Value } = {}
  const fields = source.type === 'struct' ? source.fields : []
  for (const { name, schema } of target.fields) {
    const sourceField = fields.find((field) => field.name === name)
    if (sourceField !== undefined) {
      const item = fieldOf(value, name) ?? sourceField.schema.default ?? null
      const result = projectField(name, sourceField.schema, item, schema)
      if (result === null && !schema.optional)
        throw dataError(
          `Invalid value: null used for required field: "${name}", schema type: ${schema.type.toUpperCase()}`,
        )
      setField(projected, name, result)
    } else if (!schema.optional) {
      if (schema.default === undefined)
        throw dataError(`Required field \`${name}\` is missing from source schema: ${schemaText(source)}`)
      setField(projected, name, schema.default)
    }
  }
  return projected
}

function projectField(name: string, source: Schema, value: Value, target: Schema): Value {
  try {
    return project(source, value, target)
  } catch (cause) {
    throw new ConnectError('data', `Error projecting ${name}`, { cause })
  }
}

/** Only the step between int64 and the rest changes the JavaScript type; a logical value is no number and stays. */
function widen(value: Value, source: SchemaType, target: SchemaType): Value {
  if (source === target) return value
  if (target === 'int64' && typeof value === 'number') return BigInt(value)
  if (source === 'int64' && typeof value === 'bigint')
    return target === 'float32' ? floatOfLong(value) : Number(value)
  return target === 'float32' && typeof value === 'number' ? Math.fround(value) : value
}
