import assert from 'node:assert/strict'
import { test } from 'node:test'
import { referencePages } from '../docs/pages.ts'
import { missingOf } from '../lock.ts'
import { checkBoundaries } from './boundaries.ts'
import { checkDocuments } from './documents.ts'
import { checkExcerpts } from './excerpts.ts'
import { checkReach } from './reach.ts'
import { checkReference } from './reference.ts'
import type { Source } from './sources.ts'
import { checkTexts } from './texts.ts'

const source = (path: string, text: string, imports: readonly string[] = []): Source => ({
  path,
  text,
  imports,
  forTests: path.endsWith('.test.ts'),
})

test('a package imports only whom it may', () => {
  const faulty = [
    source('packages/protocol/src/a.ts', '', ['@isthmus/sdk']),
    source('packages/runtime/src/task/a.ts', "import { a } from '../store/file.ts'", ['../store/file.ts']),
    source('packages/runtime/src/a.ts', "import x from '@isthmus/builtin'", ['@isthmus/builtin']),
  ]
  const sound = [
    source('packages/kafka/src/a.ts', '', ['@isthmus/protocol', './b.ts', 'node:net']),
    source('packages/kafka/src/a.test.ts', '', ['@isthmus/broker']),
    source(
      'packages/runtime/src/task/a.ts',
      "import { a } from '../state/ids.ts'\nimport type { B } from '../store/stores.ts'\n",
    ),
    source('packages/runtime/src/a.ts', "import.meta.resolve('@isthmus/builtin')", ['@isthmus/builtin']),
    source('packages/isthmus/src/create/templates/sink/src/a.ts', '', ['@isthmus/testkit']),
  ]
  assert.equal(checkBoundaries(faulty).length, faulty.length)
  assert.deepEqual(checkBoundaries(sound), [])
})

test('a package is reached by its exports, and what it keeps for tests by tests alone', () => {
  const faulty = [
    source('packages/kafka/src/a.ts', '', ['../../protocol/src/codec.ts']),
    source('packages/kafka/src/a.test.ts', '', ['../../broker/src/testing/index.ts']),
    source('tests/kafka/a.test.ts', '', ['../../packages/kafka/src/index.ts']),
    source('tests/kafka/a.ts', `new ${'URL'}('../../packages/kafka/src/main.ts', import.meta.url)`),
    source('packages/kafka/src/a.ts', '', ['./testing/values.ts']),
    source('packages/kafka/src/a.ts', '', ['./b.test.ts']),
    source('packages/runtime/src/a.ts', '', ['@isthmus/kafka/testing']),
    source('scripts/a.ts', '', ['@isthmus/kafka/testing']),
    source('packages/kafka/package.json', '{"exports":{".":"./src/index.ts"}}'),
  ]
  const sound = [
    source('packages/kafka/src/a.ts', "new URL('./b.ts', import.meta.url)", ['@isthmus/protocol', '../b.ts']),
    source('packages/kafka/src/a.test.ts', '', ['./testing/values.ts', '@isthmus/tls/testing']),
    source('tests/kafka/a.ts', "new URL('../../bin/a.sh', import.meta.url)", ['@isthmus/kafka/testing']),
    source('bench/a.ts', '', ['@isthmus/kafka/testing', '../tests/process/child.ts']),
    source('packages/kafka/src/index.ts', ''),
    source('packages/kafka/package.json', '{"exports":{".":"./src/index.ts"}}'),
  ]
  for (const one of faulty) assert.equal(checkReach([one]).length, 1, `${one.path} ${one.imports}`)
  assert.deepEqual(checkReach(sound), [])
})

test('a file is short, named, finished, and knows no machine', () => {
  const unfinished = `// ${'TO'}${'DO'}: later`
  const machine = `read('/${'home'}/someone/x')`
  const never = `test.${'skip'}('x')`
  for (const text of [unfinished, machine, never, '\n'.repeat(401)]) {
    assert.equal(checkTexts([source('packages/a/src/b.ts', text)]).length, 1, text.slice(0, 30))
  }
  assert.equal(checkTexts([source('packages/a/src/utils.ts', '')]).length, 1)
  assert.deepEqual(checkTexts([source('packages/a/src/b.ts', '\n'.repeat(400))]), [])
})

test('documents link to what is there, and name commands and files that exist', () => {
  const manifest = source('package.json', '{"scripts":{"test":"x"}}')
  const code = source('packages/a/src/b/c.test.ts', '')
  const of = (text: string) => checkDocuments([manifest, code, source('docs/a.md', text)])
  assert.equal(of('[a](no-such-file.md) and `npm run nothing`').length, 2)
  assert.equal(of('`c.ts`, `a/c.test.ts` and\n```\nnode packages/a/src/c.test.ts x\n```').length, 3)
  assert.deepEqual(of('`b/*.test.ts`\n```\nnode packages/a/src/b/c.test.ts x\n```'), [])
  assert.deepEqual(of('[a](../package.json#x), [b](https://example.com), `npm run test`'), [])
  const own = source('examples/a/package.json', '{"scripts":{"dev":"x"}}')
  const faultsAt = (path: string) => checkDocuments([manifest, own, source(path, '`npm run dev`')]).length
  assert.deepEqual(['examples/a/README.md', 'examples/README.md', 'docs/a.md'].map(faultsAt), [0, 1, 1])
})

test('code of guides is that of a file, of which parts may be left out', () => {
  const code = source('examples/a/index.ts', 'one\n  two\n\n    three\n  four\nfive\n')
  const of = (text: string) => checkExcerpts([code, source('docs/guide/a.md', text)])
  const block = (...lines: readonly string[]) => `\`\`\`ts examples/a/index.ts\n${lines.join('\n')}\n\`\`\``
  for (const sound of [
    ['one', '  two'],
    ['two', '', '  three'],
    ['one', '  …', 'four'],
    ['two three,', '…', 'five'],
  ])
    assert.deepEqual(of(block(...sound)), [], sound.join())
  assert.deepEqual(of('```sh\nls\n```\n```json\n{}\n```'), [])
  assert.deepEqual(of(block('one', '…', 'six')), [
    'docs/guide/a.md:1: examples/a/index.ts does not have: six',
  ])
  for (const faulty of [
    ['two', 'four'],
    ['four', '…', 'one'],
    ['one', 'four'],
  ])
    assert.equal(of(block(...faulty)).length, 1, faulty.join())
  assert.match(of('```ts\none\n```')[0] ?? '', /^docs\/guide\/a\.md:1: code of no file/)
  assert.match(of('```ts examples/b.ts\none\n```')[0] ?? '', /there is no file examples\/b\.ts$/)
})

test('a surface is named re-exports', () => {
  const of = (text: string) => checkDocuments([source('packages/a/src/index.ts', text)]).length
  assert.equal(of("// A\nexport { a } from './a.ts'\nexport type {\n  B,\n} from './b.ts'\n"), 0)
  assert.equal(of("export { a } from './a.ts'\nexport const b = 1\n"), 1)
})

test('a lock file that lacks platform packages is completed from their names', () => {
  const lock = {
    packages: {
      'node_modules/tool': {
        dev: true,
        optionalDependencies: {
          '@tool/cli-linux-x64-musl': '1.2.3',
          '@tool/cli-win-arm64': '1.2.3',
          '@tool/extra': '1.0.0',
        },
      },
    },
  }
  assert.deepEqual(missingOf(lock), {
    'node_modules/@tool/cli-linux-x64-musl': {
      version: '1.2.3',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
    'node_modules/@tool/cli-win-arm64': {
      version: '1.2.3',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['win32'],
    },
  })
})

test('a page of the reference that is not as the definitions have it is out of date; one that nobody writes is told of', async () => {
  const pages = await referencePages()
  const sources = pages.map(({ path, text }) => source(path, text, []))
  assert.deepEqual(await checkReference(sources), [])
  const [first, ...others] = sources
  const changed = { ...first!, text: `${first!.text} ` }
  assert.deepEqual(await checkReference([changed, ...others, source('docs/reference/old.md', '', [])]), [
    `${first!.path}: is out of date; node scripts/docs.ts writes it`,
    'docs/reference/old.md: node scripts/docs.ts does not write it',
  ])
})
