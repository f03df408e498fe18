/** `node scripts/docs.ts`: writes `docs/reference` from the definitions of all properties. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { root } from './check/sources.ts'
import { referencePages } from './docs/pages.ts'

mkdirSync(`${root}docs/reference`, { recursive: true })
for (const { path, text } of await referencePages()) {
  writeFileSync(`${root}${path}`, text)
  console.log(path)
}
