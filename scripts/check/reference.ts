import { referencePages } from '../docs/pages.ts'
import type { Source } from './sources.ts'

/** The reference says what the definitions of the properties say, and there is no page of it beside. */
export async function checkReference(sources: readonly Source[]): Promise<string[]> {
  const texts = new Map(sources.map(({ path, text }) => [path, text]))
  const pages = await referencePages()
  const written = new Set(pages.map(({ path }) => path))
  return [
    ...pages
      .filter(({ path, text }) => texts.get(path) !== text)
      .map(({ path }) => `${path}: is out of date; node scripts/docs.ts writes it`),
    ...[...texts.keys()]
      .filter((path) => path.startsWith('docs/reference/') && !written.has(path))
      .map((path) => `${path}: node scripts/docs.ts does not write it`),
  ]
}
