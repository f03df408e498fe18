/** `node scripts/check.ts`: the rules of the repository that neither the compiler nor the linter knows. */
import { checkBoundaries } from './check/boundaries.ts'
import { checkDocuments } from './check/documents.ts'
import { checkExcerpts } from './check/excerpts.ts'
import { checkManifests } from './check/manifests.ts'
import { checkReach } from './check/reach.ts'
import { checkReference } from './check/reference.ts'
import { readSources } from './check/sources.ts'
import { checkTexts } from './check/texts.ts'

const sources = readSources()
const faults = [
  ...checkTexts(sources),
  ...checkBoundaries(sources),
  ...checkReach(sources),
  ...checkManifests(sources),
  ...checkDocuments(sources),
  ...checkExcerpts(sources),
  ...(await checkReference(sources)),
]
for (const fault of faults) console.error(fault)
console.log(
  `check: ${sources.length} files, ${faults.length === 0 ? 'nothing to say' : `${faults.length} faults`}`,
)
process.exitCode = faults.length === 0 ? 0 : 1
