import {
  schema as build,
  ConnectError,
  dataError,
  type FieldSchema,
  type Schema,
  type SchemaType,
  validateValue,
} from '@isthmus/sdk'
import type { ExactJson } from './decode.ts'
import { compileRead } from './read.ts'
import { quoted } from './text.ts'
import { compileWrite, type WriteOptions } from './write.ts'

const JSON_TYPES: { readonly [type in SchemaType]: string } = {
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  string: 'string',
  bytes: 'bytes',
  array: 'array',
  map: 'map',
  struct: 'struct',
}
const TYPES = new Map(Object.entries(JSON_TYPES).map(([type, name]) => [name, type as SchemaType]))

/** A schema as the envelope shows it, with its members in Java's order; `field` is the name it has in a struct. */
export function schemaJson(schema: Schema | null, options: WriteOptions, field?: string): string {
  if (schema === null) return 'null'
  const members = [`"type":"${JSON_TYPES[schema.type]}"`]
  if (schema.type === 'array') members.push(`"items":${schemaJson(schema.items, options)}`)
  if (schema.type === 'map') {
    members.push(`"keys":${schemaJson(schema.keys, options)}`)
    members.push(`"values":${schemaJson(schema.values, options)}`)
  }
  if (schema.type === 'struct') {
    const fields = schema.fields.map(({ name, schema: inner }) => schemaJson(inner, options, name))
    members.push(`"fields":[${fields.join(',')}]`)
  }
  members.push(`"optional":${schema.optional}`)
  if (schema.name !== undefined) members.push(`"name":${quoted(schema.name)}`)
  if (schema.version !== undefined) members.push(`"version":${schema.version}`)
  if (schema.doc !== undefined) members.push(`"doc":${quoted(schema.doc)}`)
  if (schema.parameters !== undefined) {
    const parameters = Object.entries(schema.parameters).map(
      ([key, text]) => `${quoted(key)}:${quoted(text)}`,
    )
    members.push(`"parameters":{${parameters.join(',')}}`)
  }
  if (schema.default !== undefined && schema.default !== null)
    members.push(`"default":${compileWrite(schema, options)(schema.default)}`)
  if (field !== undefined) members.push(`"field":${quoted(field)}`)
  return `{${members.join(',')}}`
}

type Node = { readonly [name: string]: ExactJson }
const isNode = (json: ExactJson | undefined): json is Node =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
const member = (json: ExactJson | undefined, name: string): ExactJson | undefined =>
  isNode(json) && Object.hasOwn(json, name) ? json[name] : undefined

/** The schema that an envelope's JSON describes; null for null. Members of a wrong type are ignored, as Java does. */
export function schemaFromJson(json: ExactJson, replaceNullWithDefault: boolean): Schema | null {
  if (json === null) return null
  const typeName = member(json, 'type')
  if (typeof typeName !== 'string') throw dataError("Schema must contain 'type' field")
  const type = TYPES.get(typeName)
  if (type === undefined) throw dataError(`Unknown schema type: ${typeName}`)
  const schema = { ...bareSchema(type, json, replaceNullWithDefault), ...annotations(json) } as Schema
  const initial = member(json, 'default')
  if (initial === undefined) return schema
  const value = compileRead(schema, { replaceNullWithDefault, exact: true })(initial)
  if (value === null) return schema
  try {
    validateValue(schema, value)
  } catch (cause) {
    throw new ConnectError('data', 'Invalid default value', { cause })
  }
  return { ...schema, default: value } as Schema
}

function bareSchema(type: SchemaType, json: ExactJson, replace: boolean): Schema {
  switch (type) {
    case 'array': {
      const items = member(json, 'items') ?? null
      if (items === null) throw dataError('Array schema did not specify the element type')
      return build.array(schemaFromJson(items, replace))
    }
    case 'map': {
      const [keys, values] = [member(json, 'keys'), member(json, 'values')]
      if (keys === undefined) throw dataError('Map schema did not specify the key type')
      if (values === undefined) throw dataError('Map schema did not specify the value type')
      const keySchema = schemaFromJson(keys, replace)
      if (keySchema === null) throw dataError('keySchema cannot be null.')
      const valueSchema = schemaFromJson(values, replace)
      if (valueSchema === null) throw dataError('valueSchema cannot be null.')
      return build.map(keySchema, valueSchema)
    }
    case 'struct': {
      const fields = member(json, 'fields')
      if (!Array.isArray(fields)) throw dataError('Struct schema\'s "fields" argument is not an array.')
      return build.struct(fields.map((field: ExactJson) => fieldFromJson(field, replace)))
    }
    default:
      return build[type]()
  }
}

function fieldFromJson(json: ExactJson, replace: boolean): FieldSchema {
  const name = member(json, 'field')
  if (typeof name !== 'string') throw dataError("Struct schema's field name not specified properly")
  const schema = schemaFromJson(json, replace)
  if (schema === null) throw dataError(`fieldSchema for field ${name} cannot be null.`)
  return { name, schema }
}

function annotations(json: ExactJson) {
  const [name, version, doc] = [member(json, 'name'), member(json, 'version'), member(json, 'doc')]
  return {
    optional: member(json, 'optional') === true,
    ...(typeof name === 'string' && { name }),
    ...(typeof version === 'number' && { version: version | 0 }),
    ...(typeof doc === 'string' && { doc }),
    ...parametersFrom(member(json, 'parameters')),
  }
}

function parametersFrom(json: ExactJson | undefined): { parameters?: { readonly [name: string]: string } } {
  if (!isNode(json) || Object.keys(json).length === 0) return {}
  const parameters: { [name: string]: string } = {}
  for (const [name, text] of Object.entries(json)) {
    if (typeof text !== 'string') throw dataError('Schema parameters must have string values.')
    parameters[name] = text
  }
  return { parameters }
}
