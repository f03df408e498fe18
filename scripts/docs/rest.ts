import { openApiDocument } from 'isthmus/openapi'
import { cell, type Page, page, type Section, table } from './page.ts'

/** As much of an OpenAPI document as is shown. */
interface Shown {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: { readonly schemas: { readonly [name: string]: JsonSchema } }
}
interface Operation {
  readonly summary: string
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly description?: string
    readonly schema: JsonSchema
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: {
    readonly [status: string]: { readonly description: string; readonly content?: Content }
  }
}
type Content = { readonly 'application/json': { readonly schema: JsonSchema } }
interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
}

/** From the very document that workers serve. */
export function restPage(): Page {
  const { paths, components } = openApiDocument as Shown
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationSection(method, path, operation)),
  )
  const bodies = Object.entries(components.schemas).map(
    ([name, schema]) => `### ${name}\n\n\`\`\`ts\n${typeText(schema, '')}\n\`\`\``,
  )
  return page('rest', 'The REST API', 'the description that workers serve', INTRO, [
    ...operations,
    ['Bodies', bodies.join('\n\n')],
  ])
}

const INTRO = `The API of Kafka Connect 4.3.1. A worker serves its description at \`/openapi.json\`, and the package \`isthmus\` has it as
\`isthmus/openapi\`. Every operation may answer with an [ErrorMessage](#errormessage) of another status, such as 500.
[@isthmus/client](client.md) is a typed client of it.`

function operationSection(method: string, path: string, operation: Operation): Section {
  const { summary, parameters, requestBody, responses } = operation
  const shown = parameters.map(({ name, in: place, schema, description = '' }) => [
    `\`${name}\``,
    place,
    cell(typeText(schema, '')),
    schema.default === undefined ? '' : `\`${String(schema.default)}\``,
    cell(description),
  ])
  const answers = Object.entries(responses)
    .filter(([status]) => status !== 'default')
    .map(([status, { description, content }]) => [status, bodyText(content), cell(description)])
  return [
    `${method.toUpperCase()} ${path}`,
    [
      `${summary}.`,
      ...(shown.length === 0 ? [] : [table(['parameter', 'in', 'type', 'unless given', ''], shown)]),
      ...(requestBody === undefined ? [] : [`Body: ${bodyText(requestBody.content)}`]),
      table(['status', 'answer', ''], answers),
    ].join('\n\n'),
  ]
}

function bodyText(content: Content | undefined): string {
  const name = content?.['application/json'].schema.$ref?.split('/').at(-1)
  return name === undefined ? 'nothing' : `[${name}](#${name.toLowerCase()})`
}

/** A schema as a type of TypeScript. */
function typeText(schema: JsonSchema, indent: string): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(' | ')
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => typeText(one, indent)).join(' | ')
  if (Array.isArray(schema.type))
    return schema.type.map((type) => typeText({ ...schema, type }, indent)).join(' | ')
  switch (schema.type) {
    case 'integer':
      return 'number'
    case 'array':
      return `(${typeText(schema.items ?? {}, indent)})[]`.replace(/^\((\w+)\)\[\]$/, '$1[]')
    case 'object':
      return objectText(schema, indent)
    default:
      return String(schema.type ?? 'unknown')
  }
}

function objectText({ properties, required = [], additionalProperties }: JsonSchema, indent: string): string {
  if (properties === undefined) {
    const item = typeof additionalProperties === 'object' ? typeText(additionalProperties, indent) : 'unknown'
    return `{ [name: string]: ${item} }`
  }
  const inner = `${indent}  `
  const lines = Object.entries(properties).map(
    ([name, schema]) => `${inner}${name}${required.includes(name) ? '' : '?'}: ${typeText(schema, inner)}\n`,
  )
  return `{\n${lines.join('')}${indent}}`
}
