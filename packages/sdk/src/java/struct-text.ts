import { fieldOf, type Schema, type StructSchema, type Value } from '../schema/schema.ts'

export type StructText = (struct: { readonly [name: string]: Value }) => string

const printers = new WeakMap<StructSchema, StructText>()

/** The text of a value under its schema. */
type Print = (value: Value, schema: Schema) => string

/**
 * How structs of a schema are printed: `Struct{a=1,c=1.0}`, without the fields that are null. Made once for each schema; `print` is for
 * the values inside, and always the same.
 */
export function structTextOf(schema: StructSchema, print: Print): StructText {
  let text = printers.get(schema)
  if (text === undefined) {
    text = compiled(schema, print)
    printers.set(schema, text)
  }
  return text
}

/** The code is written for the schema: a loop over the names took four times as long. */
function compiled({ fields }: StructSchema, print: Print): StructText {
  const lines = fields.map(({ name, schema }, index) => {
    const key = JSON.stringify(name)
    const given = name in Object.prototype ? `own(struct, ${key})` : `struct[${key}]`
    return `v = ${given}; if (v !== null && v !== undefined) text += ${JSON.stringify(`,${name}=`)} + ${printed(schema, index)}`
  })
  const code = `return (struct) => {\nlet text = '', v\n${lines.join('\n')}\nreturn 'Struct{' + text.slice(1) + '}'\n}`
  return new Function('own', 'print', 'fields', code)(fieldOf, print, fields) as StructText
}

function printed({ type, name }: Schema, index: number): string {
  const asItIs = type === 'string' || type === 'int64' || type === 'boolean'
  // logical types, whatever they are based on, have values of other kinds
  return asItIs && name === undefined ? 'v' : `print(v, fields[${index}].schema)`
}
