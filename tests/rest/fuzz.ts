/**
 * `node tests/rest/fuzz.ts [examples]`: plays random requests after `/openapi.json` to a worker of its own, with Schemathesis
 * (`st`, from `pip install schemathesis`). 5,000 requests are about 120 examples an operation. Ends with the exit code of `st`.
 */
import { startChild } from '../process/child.ts'
import { openRestWorker } from './worker.ts'

const [examples = '120'] = process.argv.slice(2)
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'response_schema_conformance',
  'content_type_conformance',
]
await using worker = await openRestWorker()
await using st = startChild(
  'st',
  [
    ...['run', `${worker.url}/openapi.json`, '--max-examples', examples],
    ...['--phases', 'examples,coverage,fuzzing', '--checks', CHECKS.join(',')],
  ],
  { cwd: worker.dir.path, longestMs: 30 * 60_000 },
)
const code = await st.ended
process.stdout.write(st.output())
process.exitCode = code === 0 ? 0 : 1
