import { dataError, fieldOf, type Schema, type StructSchema, type Value } from '@isthmus/sdk'
import { findField } from '@isthmus/sdk/data'
import type { Fields } from './requirements.ts'
import { type FieldReader, nullForRequired, readerOf, readField } from './struct-fields.ts'

/** A field of a struct that is made: what it is called, and which field of the given struct it comes from. */
export interface MadeField {
  readonly name: string
  readonly schema: Schema
  readonly from: FieldReader
  /** What becomes of the value on the way; absent: nothing. */
  readonly change?: ((value: Value) => Value) | undefined
  /** The struct inside the given one that it comes from; absent: the given one itself. */
  readonly inside?: Inside | undefined
}

/** A struct inside a struct. Where it is null, null is what is made of all of its fields. */
export interface Inside {
  readonly from: FieldReader
  readonly inside?: Inside | undefined
}

/** Every field of a struct under its own name. */
export const sameFields = (struct: StructSchema, withDefaults: boolean): readonly MadeField[] =>
  struct.fields.map(({ name, schema }) => ({ name, schema, from: readerOf(name, schema, withDefaults) }))

export type StructMaker = (struct: Fields) => { [name: string]: Value }

/**
 * Makes structs of one schema from those of another, field by field as Java's `Struct.put`: null needs an optional field, whatever its
 * default. The code is written for the schema: names that are constants make it more than ten times as fast as a loop over them
 * (25 ns for ten fields).
 */
export function structMaker(fields: readonly MadeField[]): StructMaker {
  const lines: string[] = []
  const properties: string[] = []
  const insides = new Map<Inside, string>()

  const structOf = (inside: Inside | undefined): string => {
    if (inside === undefined) return 'struct'
    let name = insides.get(inside)
    if (name === undefined) {
      const given = readIn(structOf(inside.inside), inside.from, inside.inside !== undefined)
      name = `struct${insides.size}`
      insides.set(inside, name)
      lines.push(`const ${name} = ${given} ?? null`)
    }
    return name
  }

  for (const [index, { name, schema, from, change, inside }] of fields.entries()) {
    const struct = structOf(inside)
    const given = `${readIn(struct, from, false)} ?? fields[${index}].from.fallback`
    const made = change === undefined ? given : `fields[${index}].change(${given})`
    lines.push(`const f${index} = ${inside === undefined ? made : `${struct} === null ? null : ${made}`}`)
    if (!schema.optional)
      lines.push(`if (f${index} === null${inside ? ` && ${struct} !== null` : ''}) refuse(fields[${index}])`)
    // Only a computed name makes a property of __proto__.
    properties.push(`[${JSON.stringify(name)}]: f${index}`)
  }
  const code = `return (struct) => {\n${lines.join('\n')}\nreturn { ${properties.join(', ')} }\n}`
  const make = new Function('fields', 'own', 'refuse', code)(fields, fieldOf, refuse) as StructMaker
  if (fields.every(({ change }) => change === undefined)) return make
  return (struct) => {
    try {
      return make(struct)
    } catch (error) {
      throw findField(
        error,
        fields.flatMap(({ from, change, inside }) =>
          change === undefined || inside !== undefined
            ? []
            : [[from.name, () => change(readField(struct, from))] as const],
        ),
      )
    }
  }
}

/** The code that reads a field of what a variable holds. */
function readIn(struct: string, { name, inherited }: FieldReader, nullable: boolean): string {
  const key = JSON.stringify(name)
  if (!inherited) return `${struct}${nullable ? '?.' : ''}[${key}]`
  return nullable ? `(${struct} === null ? null : own(${struct}, ${key}))` : `own(${struct}, ${key})`
}

function refuse({ name, schema }: MadeField): never {
  throw dataError(nullForRequired(name, schema))
}
