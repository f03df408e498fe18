import { javaPattern } from '../java/regex/java-pattern.ts'
import type { Validator } from './def.ts'

type Validate = (value: unknown, name: string) => ReturnType<Validator>

const described = (description: string, validate: Validate, distinct = false): Validator =>
  Object.assign(validate, distinct ? { description, distinct } : { description })

const range = (description: string, min: number | null, max: number | null): Validator =>
  described(description, (value) => {
    if (value === null) return 'Value must be non-null'
    if (typeof value !== 'number') return null
    if (min !== null && value < min) return `Value must be at least ${min}`
    if (max !== null && value > max) return `Value must be no more than ${max}`
    return null
  })

/** A number from `min` on; null is none. */
export const atLeast = (min: number): Validator => range(`[${min},...]`, min, null)
/** A number from `min` to `max`, both included; null is none. */
export const between = (min: number, max: number): Validator => range(`[${min},...,${max}]`, min, max)

/** One of these texts exactly; null is one of them only if listed. */
export const oneOf = (...allowed: readonly (string | null)[]): Validator =>
  described(`[${allowed.map(String).join(', ')}]`, (value) =>
    allowed.includes(value as string | null)
      ? null
      : `String must be one of: ${allowed.map(String).join(', ')}`,
  )

/** The texts are shown in capitals, as Java shows them, in the order given. */
export function oneOfIgnoringCase(...allowed: readonly string[]): Validator {
  const upper = allowed.map((text) => text.toUpperCase())
  return described(`(case insensitive) [${upper.join(', ')}]`, (value) =>
    typeof value === 'string' && upper.includes(value.toUpperCase())
      ? null
      : `String must be one of (case insensitive): ${upper.join(', ')}`,
  )
}

/** Any value but null. */
export const nonNull: Validator = described('non-null string', (value) =>
  value === null ? 'entry must be non null' : null,
)

/** A text with at least one character; null passes. */
export const nonEmptyString: Validator = described('non-empty string', (value) =>
  value === '' ? 'String must be non-empty' : null,
)

/** For names that become part of topics, paths and log lines. */
export const nonEmptyWithoutControlChars: Validator = described(
  'non-empty string without ISO control characters',
  (value) => {
    if (typeof value !== 'string') return null
    if (value === '') return 'String may not be empty'
    const controls = [...value]
      .map((char) => char.codePointAt(0) ?? 0)
      .filter((code) => code <= 0x1f || (code >= 0x7f && code <= 0x9f))
    return controls.length === 0
      ? null
      : `String may not contain control sequences but had the following ASCII chars: ${controls.join(', ')}`
  },
)

/** What `validList` holds a list to. */
export interface ListRules {
  /** The values an entry may have; any when absent. */
  readonly in?: readonly string[]
  /** Default true. */
  readonly empty?: boolean
  /** Default false. */
  readonly null?: boolean
}

/** A list without repeated and empty entries. Parsing for use drops repeats, validating reports them. */
export function validList(rules: ListRules = {}): Validator {
  const allowed = rules.in ?? []
  const shown = allowed.length === 0 ? '' : `[${allowed.join(', ')}]`
  return described(
    shown,
    (value, name) => {
      if (value === null)
        return rules.null === true ? null : { message: `Configuration '${name}' values must not be null.` }
      const list = value as readonly string[]
      if (list.length === 0 && rules.empty === false)
        return {
          message: `Configuration '${name}' must not be empty. Valid values include: ${shown || 'any non-empty value'}`,
        }
      if (new Set(list).size !== list.length)
        return { message: `Configuration '${name}' values must not be duplicated.` }
      for (const entry of list) {
        if (entry === '') return { message: `Configuration '${name}' values must not be empty.` }
        if (allowed.length > 0 && !allowed.includes(entry))
          return {
            message: `Invalid value ${entry} for configuration ${name}: String must be one of: ${allowed.join(', ')}`,
          }
      }
      return null
    },
    true,
  )
}

/** For lists that may repeat entries. */
export const nonEmptyList: Validator = described('non-empty list', (value) =>
  Array.isArray(value) && value.length > 0 ? null : 'Empty list',
)

/** A list of no more than `max` entries. */
export const listOfAtMost = (max: number): Validator =>
  described(`List containing maximum of ${max} elements`, (value) =>
    Array.isArray(value) && value.length > max ? `exceeds maximum list size of [${max}].` : null,
  )

/** A regular expression as Java has them. */
export const regex: Validator = described('valid regex', (value) => {
  if (typeof value !== 'string') return null
  try {
    javaPattern(value)
    return null
  } catch (error) {
    return `Invalid regex: ${error instanceof Error ? error.message : String(error)}`
  }
})

/** All of them; the first complaint counts. */
export const allOf = (...validators: readonly Validator[]): Validator =>
  described(validators.map((validator) => validator.description ?? '').join(', '), (value, name) => {
    for (const validator of validators) {
      const complaint = validator(value, name)
      if (complaint !== null) return complaint
    }
    return null
  })
