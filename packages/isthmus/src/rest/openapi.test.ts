import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemas } from '@isthmus/rest-api'
import { openApi } from './openapi.ts'
import { routes } from './routes/routes.ts'

interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: { operationId: string } } }
}
const document = openApi(routes) as Document

test('the document holds the operations that are served, and no others', () => {
  const written = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(written.sort(), routes.map(({ method, path }) => `${method} ${path}`).sort())
  assert.equal(new Set(written).size, routes.length)
})

test('every operation has an id of its own', () => {
  const ids = Object.values(document.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  )
  assert.equal(new Set(ids).size, ids.length)
})

test('every schema that is referred to is there, and every schema is referred to', () => {
  const text = JSON.stringify(document)
  const named = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name))
  assert.deepEqual([...named].sort(), Object.keys(schemas).sort())
})
