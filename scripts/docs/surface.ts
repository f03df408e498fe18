import { type Exported, readSurfaces, type Surface } from './declarations.ts'
import { type Page, page, type Section } from './page.ts'

/**
 * A page for each package that authors import from, with all that it exports as the compiler declares it. A change of a name or a signature
 * is a change of its page, which the check holds to what is declared.
 */
export function surfacePages(): readonly Page[] {
  const surfaces = readSurfaces(['@isthmus/sdk', '@isthmus/testkit', '@isthmus/client'])
  return [
    surfacePage('sdk', 'The SDK', SDK, surfaces.get('@isthmus/sdk') ?? []),
    surfacePage('testkit', 'The testkit', TESTKIT, surfaces.get('@isthmus/testkit') ?? []),
    surfacePage('client', 'The client of the REST API', CLIENT, surfaces.get('@isthmus/client') ?? []),
  ]
}

const SDK = `What authors of connectors, converters and transforms import. The [testkit](testkit.md) plays it in tests.`
const TESTKIT = `What tests of plugins import, with node:test, vitest or any other runner.`
const CLIENT = `A typed client of the [REST API](rest.md).`

function surfacePage(name: string, title: string, intro: string, surfaces: readonly Surface[]): Page {
  return page(name, title, 'the declarations of the package', intro, surfaces.map(sectionOf))
}

function sectionOf({ specifier, intro, groups }: Surface): Section {
  const parts = groups.flatMap(({ title, exports }) => [
    ...(title === null ? [] : [`**${title}**`]),
    ...exports.flatMap(described),
  ])
  return [specifier, [intro, ...parts].filter((part) => part !== '').join('\n\n')]
}

const described = ({ name, doc, code }: Exported): readonly string[] => [
  `### ${name}`,
  ...(doc === '' ? [] : [doc]),
  `\`\`\`ts\n${code.replace(/^export (declare )?/gm, '')}\n\`\`\``,
]
