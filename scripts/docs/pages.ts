import {
  connectorDef,
  deadLetterDef,
  distributedDef,
  ownHostsDef,
  restDef,
  sinkDef,
  sourceDef,
  standaloneDef,
  workerDef,
  workerHostsDef,
} from '@isthmus/runtime/definitions'
import type { ConfigDef } from '@isthmus/sdk'
import { errorPage } from './errors.ts'
import { type Page, page as pageOf, type Section } from './page.ts'
import { type ShippedPlugin, shippedPlugins } from './plugins.ts'
import { tableOf } from './properties.ts'
import { restPage } from './rest.ts'
import { surfacePages } from './surface.ts'

const page = (name: string, title: string, intro: string, sections: readonly Section[]): Page =>
  pageOf(name, title, 'the definitions of the properties', intro, sections)

/** The reference: what definitions, declarations and routes say, a page for each family, and one that lists them. */
export async function referencePages(): Promise<readonly Page[]> {
  const plugins = await shippedPlugins()
  const of = (...types: readonly string[]) => plugins.filter(({ type }) => types.includes(type))
  const pages = [
    page('worker', 'Properties of a worker', WORKER, [
      ['Every worker', tableOf(without(workerDef, restDef, workerHostsDef))],
      ['A worker of its own', tableOf(without(standaloneDef, workerDef))],
      ['A worker of a group', tableOf(without(distributedDef, workerDef))],
      ['The REST API', tableOf(restDef)],
      ['Threads and processes', tableOf(workerHostsDef)],
    ]),
    page('connector-properties', 'Properties of every connector', CONNECTOR, [
      ['Every connector', tableOf(connectorDef)],
      ['Sinks', tableOf(without(sinkDef, connectorDef, deadLetterDef))],
      ['Sources', tableOf(without(sourceDef, connectorDef, deadLetterDef))],
      ['Dead letters, of both', tableOf(deadLetterDef)],
      ['Threads and processes', tableOf(ownHostsDef)],
    ]),
    page('connectors', 'Connectors', CONNECTORS, sectionsOf(of('source', 'sink'))),
    page('transforms', 'Transforms', TRANSFORMS, sectionsOf(of('transformation'))),
    page('predicates', 'Predicates', PREDICATES, sectionsOf(of('predicate'))),
    page('converters', 'Converters', CONVERTERS, sectionsOf(of('converter', 'header_converter'))),
    page('providers', 'Providers of configuration', PROVIDERS, sectionsOf(of('config_provider'))),
    restPage(),
    errorPage(),
    ...surfacePages(),
  ]
  return [...pages, indexPage(pages)]
}

const indexPage = (pages: readonly Page[]): Page => ({
  path: 'docs/reference/README.md',
  title: 'Reference',
  text: `# Reference

<!-- Written by \`node scripts/docs.ts\`. -->

These pages are written from the code itself, and held to it.

${pages.map(({ title, path }) => `- [${title}](${path.split('/').at(-1)})`).join('\n')}
`,
})

const WORKER = `The file that a command names has these. Properties of the worker's Kafka clients stand beside them:
\`security.protocol\`, \`ssl.*\` and \`sasl.*\` for all of them; with \`producer.\`, \`consumer.\` or \`admin.\` before
the name for those of connectors. Those of a provider have \`config.providers.\` and its name before them.`
const CONNECTOR = `Beside these, a connector has properties of [its own](connectors.md), those of its
[transforms](transforms.md), [predicates](predicates.md) and [converters](converters.md), and those of its
Kafka clients with \`producer.override.\`, \`consumer.override.\` or \`admin.override.\` before the name.`
const CONNECTORS = `\`connector.class\` takes the class, its last part, or that without \`Connector\`. The
[properties of every connector](connector-properties.md) stand beside these.`
const TRANSFORMS = `\`transforms\` names aliases; the properties of each have \`transforms.\` and its alias before
them, \`transforms.<alias>.type\` for the class among them. \`transforms.<alias>.predicate\` names a
[predicate](predicates.md), so that the transform takes only what that accepts, or with \`negate=true\` what it does not.`
const PREDICATES = `\`predicates\` names aliases; the properties of each have \`predicates.\` and its alias before
them, \`predicates.<alias>.type\` for the class among them.`
const CONVERTERS = `\`key.converter\`, \`value.converter\` and \`header.converter\` take one of these, of a worker or a
connector; the properties of each have that name and a dot before them.`
const PROVIDERS = `\`config.providers\` of a worker names aliases; \`config.providers.<alias>.class\` is the class, and
its properties have \`config.providers.<alias>.param.\` before them.`

/** A section for each plugin; of classes that share a definition, such as those for keys and for values, one for all. */
function sectionsOf(plugins: readonly ShippedPlugin[]): readonly Section[] {
  const sections: { readonly title: string; readonly classes: string[]; readonly config: ConfigDef }[] = []
  for (const { class: name, config } of plugins) {
    const title = (name.split('.').at(-1) ?? '').replace(/\$.*/, '')
    const known = sections.find((section) => section.title === title)
    if (known === undefined) sections.push({ title, classes: [name], config })
    else known.classes.push(name)
  }
  return sections.map(({ title, classes, config }) => [
    title,
    `${classes.map((name) => `\`${name}\``).join(', ')}\n\n${tableOf(config)}`,
  ])
}

function without(def: ConfigDef, ...others: readonly ConfigDef[]): ConfigDef {
  return Object.fromEntries(Object.entries(def).filter(([name]) => !others.some((other) => name in other)))
}
