import type { ConverterOptions } from './data-format.ts'

/** Options of the commands that show records or write some. */
export const CONVERTERS = {
  'key-converter': { type: 'string' },
  'value-converter': { type: 'string' },
  'plugin-path': { type: 'string' },
} as const

export const CONVERTERS_HELP = `  --key-converter CLASS           any converter of Kafka Connect, by its class or its short name, and its
  --value-converter CLASS         properties: --value-converter JsonConverter --value-converter.schemas.enable=false
  --plugin-path DIR,…             where converters are that do not come with Isthmus, as plugin.path of a worker`

const PROPERTY = /^--(key|value)-converter\.([^=]+)(?:=(.*))?$/s

/** Takes the properties of converters out of the arguments: nobody knows their names beforehand. */
export function converterProps(args: readonly string[]): {
  readonly rest: readonly string[]
  readonly props: { readonly key: { [name: string]: string }; readonly value: { [name: string]: string } }
} {
  const props = { key: {} as { [name: string]: string }, value: {} as { [name: string]: string } }
  const rest: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    const [, role, name = '', given] = PROPERTY.exec(arg) ?? []
    if (role === 'key' || role === 'value') props[role][name] = given ?? args[++i] ?? ''
    else rest.push(arg)
  }
  return { rest, props }
}

export function converterOptions(
  given: {
    readonly 'key-converter'?: string | undefined
    readonly 'value-converter'?: string | undefined
    readonly 'plugin-path'?: string | undefined
  },
  props: ReturnType<typeof converterProps>['props'],
): ConverterOptions {
  return {
    key: { name: given['key-converter'], props: props.key },
    value: { name: given['value-converter'], props: props.value },
    'plugin.path': given['plugin-path']?.split(',').map((path) => path.trim()) ?? null,
  }
}
