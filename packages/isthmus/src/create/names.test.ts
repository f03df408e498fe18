import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Kind, namesOf } from './names.ts'

const refusal = (name: string): string => {
  const names = namesOf('source', name)
  assert.ok('refused' in names, name)
  return names.refused
}

describe('the names of what is created', () => {
  it('follow from the name of the package', () => {
    for (const [kind, name, short, base] of [
      ['source', 'my-api', 'my-api', 'MyApi'],
      ['source', 'my-api-source', 'my-api-source', 'MyApi'],
      ['sink', 'my-api-source', 'my-api-source', 'MyApiSource'],
      ['source', 'source', 'source', 'Source'],
      ['transform', 'my-transform', 'my-transform', 'MyTransform'],
      ['transform', '@acme/mask_all.2', 'mask_all.2', 'MaskAll2'],
      ['converter', 'csv-converter', 'csv-converter', 'Csv'],
      ['sink', 'a--b-', 'a--b-', 'AB'],
    ] as const satisfies readonly (readonly [Kind, string, string, string])[])
      assert.deepEqual(namesOf(kind, name), { package: name, short, base })
  })

  it('are refused where npm would, and what may have been meant is said', () => {
    assert.match(refusal('MyApi'), /^'MyApi' is no name of an npm package: .* Did you mean 'my-api'\?$/)
    assert.match(refusal('My API'), /Did you mean 'my-api'\?$/)
    for (const name of [
      '',
      '.hidden',
      '_x',
      '3d',
      'a b!',
      '../up',
      '@acme',
      '@acme/',
      '@/x',
      'ümlaut',
      'a/b/c',
    ])
      assert.match(refusal(name), / is no name of an npm package: it begins with a letter, .*$/, name)
    assert.match(refusal('a'.repeat(215)), /has 215 characters/)
    assert.match(refusal('http'), /a name of Node\.js itself/)
    assert.match(refusal('@isthmus/sdk'), /a package that the new one needs/)
  })
})
