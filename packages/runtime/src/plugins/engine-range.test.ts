import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { takesVersion } from './engine-range.ts'

describe('the versions of Node.js that a manifest asks for', () => {
  for (const range of [
    '>=24',
    '^24.1',
    '24',
    '24.x',
    '*',
    '>= 20 <25',
    '18 || >=22.0.0',
    '~24.21',
    '20 - 24',
    'v24.21.0',
    'lts',
    '',
  ])
    it(`take 24.21.0: '${range}'`, () => assert.ok(takesVersion(range, '24.21.0')))
  for (const range of ['>=99', '^22.1', '>24', '<24', '18 || 20', '~24.20', '18 - 22', '24.22.x', '<=24.20'])
    it(`do not take 24.21.0: '${range}'`, () => assert.ok(!takesVersion(range, '24.21.0')))
})
