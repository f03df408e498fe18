import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { scanApart } from './scan-apart.ts'

type Kind = readonly [said: RegExp, files: { readonly [name: string]: string }]

/** What keeps a module from being imported, each in a folder of its own, and the line that says so. */
const KINDS: { readonly [folder: string]: Kind } = {
  enum: [
    /enum\/index\.ts: SyntaxError: TypeScript enum .*\(.*enum\/index\.ts:1:8\); Node\.js only erases types: write an object with `as const`/,
    { 'index.ts': 'export enum A { x }' },
  ],
  namespace: [
    /only erases types: write a module of its own/,
    { 'index.ts': 'export namespace A { export const x = 1 }' },
  ],
  property: [
    /only erases types: write a field that the constructor assigns/,
    { 'index.ts': 'export class A { constructor(private x: number) {} }' },
  ],
  decorator: [
    /Invalid or unexpected token; Node\.js knows no decorators/,
    { 'index.ts': 'const d = () => {}\nexport class A { @d m() {} }' },
  ],
  tsx: [
    /Unknown file extension "\.tsx" .*; Node\.js runs no \.tsx/,
    { 'index.ts': "import './view.tsx'", 'view.tsx': '' },
  ],
  json: [
    /json\/a\.json" needs an import attribute .*; write `with \{ type: 'json' \}`/,
    { 'index.ts': "import a from './a.json'\nexport const b = a", 'a.json': '{}' },
  ],
  dependency: [
    /Cannot find package 'no-such' imported from .*dependency\/index\.ts; run `npm install no-such` in .*dependency$/,
    { 'index.ts': "import a from 'no-such'\nexport const b = a" },
  ],
  scoped: [
    /Cannot find module '@no\/such\/part'; run `npm install @no\/such` in .*scoped$/,
    { 'package.json': '{"main":"lib/index.cjs"}', 'lib/index.cjs': "require('@no/such/part')" },
  ],
  extension: [/it is helper\.ts there/, { 'index.ts': "export * from './helper'", 'helper.ts': '' }],
  compiled: [/it is helper\.ts there/, { 'index.ts': "export * from './helper.js'", 'helper.ts': '' }],
  folder: [/name the file in that folder/, { 'index.ts': "export * from './lib'", 'lib/index.ts': '' }],
  paths: [
    /Node\.js does not read the paths of tsconfig\.json/,
    { 'index.ts': "export * from '@/helper'", 'helper.ts': '' },
  ],
  type: [
    /if it is a type, write `import type`/,
    { 'index.ts': "import { T } from './t.ts'\nexport const a: T = 1", 't.ts': 'export type T = number' },
  ],
  'required-in-esm': [
    /require is not defined .*; name the file \.cjs, or write `import`/,
    { 'index.mjs': "require('node:fs')" },
  ],
  'imported-in-cjs': [
    /import statement outside a module \(.*index\.cjs:1:1\); name the file \.mjs/,
    { 'index.cjs': "import 'node:fs'" },
  ],
  'cjs-name': [
    /Named export 'a' not found.*; import all of it/,
    { 'index.mjs': "import { a } from './c.cjs'", 'c.cjs': 'module.exports = (() => ({ a: 1 }))()' },
  ],
  'awaits-in-cjs': [
    /require\(\) cannot be used on an ESM graph .*; use `await import\(\)`/,
    { 'index.cjs': "require('./x.mjs')", 'x.mjs': 'await 1' },
  ],
  'node-export': [
    /'node:fs' does not provide an export named 'none' .*; this is Node\.js v\d/,
    { 'index.mjs': "import { none } from 'node:fs'" },
  ],
  'node-module': [
    /No such built-in module: node:none; this is Node\.js v/,
    { 'index.mjs': "import 'node:none'" },
  ],
  engine: [
    /TypeError: fs\.none is not a function \(.*engine\/index\.mjs:2:4\); its package\.json asks for Node\.js >=99, and this is/,
    {
      'index.mjs': "import fs from 'node:fs'\nfs.none()",
      'package.json': '{"main":"index.mjs","engines":{"node":">=99"}}',
    },
  ],
  'engine-met': [
    /fs\.none is not a function \(.*engine-met\/index\.mjs:2:4\)$/,
    {
      'index.mjs': "import fs from 'node:fs'\nfs.none()",
      'package.json': '{"main":"index.mjs","engines":{"node":">=24"}}',
    },
  ],
  native: [
    /native\/x\.node: .*; it is a native module that was made for another system, .* run `npm rebuild` in .*native$/,
    { 'index.cjs': "require('./x.node')", 'x.node': 'of another platform' },
  ],
  'below-modules': [
    /Node\.js runs no TypeScript below node_modules/,
    {
      'index.ts': "export * from 'dep'",
      'node_modules/dep/package.json': '{"main":"index.ts"}',
      'node_modules/dep/index.ts': 'export const a: number = 1',
    },
  ],
  lines: [/lines\/index\.ts: one \(.*index\.ts:1:7\)$/, { 'index.ts': "throw new Error('one\\ntwo')" }],
  thrown: [/thrown\/index\.ts: undefined was thrown$/, { 'index.ts': 'throw undefined' }],
}

describe('a module that cannot be imported', () => {
  let path: string
  let lines: readonly string[]
  before(async () => {
    path = await mkdtemp(join(tmpdir(), 'isthmus-mending-'))
    for (const [folder, [, files]] of Object.entries(KINDS))
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(path, folder, name)), { recursive: true })
        await writeFile(join(path, folder, name), content)
      }
    lines = (await scanApart({ packages: [], paths: [path] })).warnings
  })
  after(() => rm(path, { recursive: true }))

  for (const [folder, [said]] of Object.entries(KINDS))
    it(`is one line that says how to mend it: ${folder}`, () => {
      const line = lines.find((one) => one.startsWith(`Failed to load plugins from ${join(path, folder)}/`))
      assert.ok(line !== undefined, lines.join('\n'))
      assert.match(line, said)
      assert.ok(!line.includes('\n'))
      assert.doesNotMatch(line, /own-sdk/, 'the place is that of the plugin')
    })
})
