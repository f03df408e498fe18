import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseModule, readSurfaces } from './declarations.ts'

test('a declaration has its comment, its overloads, and what it stands on though it is not exported', () => {
  const { declared, passed } = parseModule(`import type { A } from './a.ts';
/** Opens it.
 *
 * Twice is fine. */
export declare function open(name: string): Base;
export declare function open(name: number): Base;
interface Base {
    readonly deep: {
        readonly inner: Hidden;
    };
}
type Hidden = A;
export declare const plain: number;
export { b, type C as D } from './b.ts';
export {};
`)
  assert.deepEqual([...declared.keys()], ['open', 'plain'])
  assert.equal(declared.get('open')?.doc, 'Opens it.\n\nTwice is fine.')
  assert.equal(
    declared.get('open')?.code,
    `export declare function open(name: string): Base;
export declare function open(name: number): Base;
interface Base {
  readonly deep: {
    readonly inner: Hidden;
  };
}
type Hidden = A;`,
  )
  assert.equal(declared.get('plain')?.doc, '')
  assert.deepEqual(
    [...passed],
    [
      ['b', { name: 'b', specifier: './b.ts' }],
      ['D', { name: 'C', specifier: './b.ts' }],
    ],
  )
})

test('the surface of a package is all that its indexes export, also of other packages; the SDK says a word on each', () => {
  const surfaces = readSurfaces(['@isthmus/client', '@isthmus/sdk'])
  const silent = surfaces
    .get('@isthmus/sdk')
    ?.flatMap(({ specifier, groups }) =>
      groups.flatMap(({ exports }) =>
        exports.filter(({ doc }) => doc === '').map((one) => `${specifier}: ${one.name}`),
      ),
    )
  assert.deepEqual(silent, [])
  const [client] = surfaces.get('@isthmus/client') ?? []
  assert.equal(client?.specifier, '@isthmus/client')
  const exports = client?.groups.flatMap((group) => group.exports) ?? []
  assert.match(
    exports.find(({ name }) => name === 'openClient')?.code ?? '',
    /^export declare (const|function) openClient/,
  )
  assert.match(exports.find(({ name }) => name === 'ConnectorInfo')?.code ?? '', /^export type ConnectorInfo/)
})
