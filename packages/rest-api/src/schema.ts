/** A JSON schema, of the few keywords that the API's data needs. */
export type Schema = { readonly [keyword: string]: unknown }

export const text = { type: 'string' } as const
export const whole = { type: 'integer' } as const
export const flag = { type: 'boolean' } as const
/** An object of which nothing more is known. */
export const anyObject = { type: 'object' } as const
export const orNull = <const Type extends keyof Plain>({ type }: { readonly type: Type }) =>
  ({ type: [type, 'null'] }) as const
export const oneOf = <const Values extends readonly string[]>(...values: Values) => ({ enum: values })
/** Another schema of the table, by its name. */
export const ref = <const Name extends string>(name: Name) =>
  ({ $ref: `#/components/schemas/${name}` }) as const
export const listOf = <const Item extends Schema>(items: Item) => ({ type: 'array', items }) as const
export const mapOf = <const Item extends Schema>(items: Item) =>
  ({ type: 'object', additionalProperties: items }) as const
/** An object with these properties; those that are `optional` may be absent. */
export const object = <
  const Properties extends { readonly [name: string]: Schema },
  const Optional extends keyof Properties & string = never,
>(
  properties: Properties,
  optional: readonly Optional[] = [],
) => ({
  type: 'object' as const,
  properties,
  required: Object.keys(properties).filter((name) => !optional.some((one) => one === name)) as Exclude<
    keyof Properties & string,
    Optional
  >[],
})

interface Plain {
  readonly string: string
  readonly integer: number
  readonly boolean: boolean
  readonly object: { readonly [name: string]: unknown }
  readonly null: null
}

/** What a schema describes, as a type; `Table` holds the schemas that it may refer to. */
export type Described<S, Table> = S extends { readonly $ref: `#/components/schemas/${infer Name}` }
  ? Name extends keyof Table
    ? Described<Table[Name], Table>
    : never
  : S extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : S extends { readonly anyOf: readonly (infer One)[] }
      ? Described<One, Table>
      : S extends { readonly items: infer Item }
        ? readonly Described<Item, Table>[]
        : S extends { readonly properties: infer Properties; readonly required: readonly (infer Required)[] }
          ? Flat<ObjectOf<Properties, Required, Table>>
          : S extends { readonly additionalProperties: infer Item }
            ? { readonly [name: string]: Described<Item, Table> }
            : S extends { readonly type: infer Type }
              ? Plain[(Type extends readonly (infer One)[] ? One : Type) & keyof Plain]
              : never

type ObjectOf<Properties, Required, Table> = {
  readonly [Name in keyof Properties as Name extends Required ? Name : never]: Described<
    Properties[Name],
    Table
  >
} & {
  readonly [Name in keyof Properties as Name extends Required ? never : Name]?: Described<
    Properties[Name],
    Table
  >
}
type Flat<T> = { readonly [Name in keyof T]: T[Name] }
