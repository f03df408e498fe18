/** A page of the reference. */
export interface Page {
  /** From the root of the repository. */
  readonly path: string
  readonly title: string
  readonly text: string
}

export type Section = readonly [title: string, text: string]

export const page = (
  name: string,
  title: string,
  /** What it is made of. */
  made: string,
  intro: string,
  sections: readonly Section[],
): Page => ({
  path: `docs/reference/${name}.md`,
  title,
  text: [
    `# ${title}`,
    `<!-- Written by \`node scripts/docs.ts\` from ${made}. -->`,
    intro,
    ...sections.flatMap(([heading, text]) => [`## ${heading}`, text]),
  ]
    .join('\n\n')
    .concat('\n'),
})

/** Text in a cell of a table. */
export const cell = (text: string): string =>
  text
    .replaceAll(/[\n\r]/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll('*', '\\*')

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
