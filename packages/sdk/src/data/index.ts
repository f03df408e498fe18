// What converters and transforms need of schemas and values, beyond the first page

// Two of them: the same, or one made to fit the other

export { sameSchema, sameValue } from '../schema/equal.ts'
export { project } from '../schema/project.ts'

// What a value is, and what is in it

export {
  entriesOf,
  kindOf,
  NUMBER_KIND,
  type TypedNumber,
  typedNumber,
  type ValueKind,
} from '../schema/schema.ts'
export { fits } from '../schema/validate.ts'

// Where in a value bad data was found

export { atField, fieldOfError, findField } from '../field-of-error.ts'

// Logical types

export {
  dateFromDays,
  dateToDays,
  decimalFromBytes,
  decimalToBytes,
  scaleOf,
  timeFromMs,
  timestampFromMs,
  timestampToMs,
  timeToMs,
} from '../schema/logical.ts'
export { DATE, DECIMAL, TIME, TIMESTAMP } from '../schema/names.ts'

// Values as texts, from texts, and as other types

export { convertTo } from '../values/convert.ts'
export { inferSchema } from '../values/infer.ts'
export { parseString } from '../values/parse.ts'
export { convertToString } from '../values/text.ts'
