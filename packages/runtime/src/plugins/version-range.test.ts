import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { compareMavenVersions } from './maven-version.ts'
import { parseVersionRange } from './version-range.ts'

/** What Maven's own classes answered: every version with every other one, and every range with every version. */
interface Golden {
  readonly order: readonly (readonly [version: string, signs: string])[]
  readonly ranges: readonly (readonly [spec: string, text: string | null, contains: string | null])[]
}
const golden = JSON.parse(
  await readFile(new URL('./golden/maven-versions.json', import.meta.url), 'utf8'),
) as Golden
const versions = golden.order.map(([version]) => version)

describe("Maven's versions", () => {
  it('are compared as Maven compares them', () => {
    for (const [version, signs] of golden.order)
      versions.forEach((other, i) => {
        const sign = '<=>'[Math.sign(compareMavenVersions(version, other)) + 1]
        assert.equal(`${version} ${sign} ${other}`, `${version} ${signs[i]} ${other}`)
      })
  })

  for (const [spec, text, contains] of golden.ranges)
    it(`'${spec}' means what it means to Maven`, () => {
      const failure = /^InvalidVersionSpecificationException: (.*)$/.exec(text ?? '')?.[1]
      if (failure !== undefined)
        assert.throws(() => parseVersionRange(spec), { code: 'config', message: failure })
      else if (text === null) assert.equal(parseVersionRange(spec), null)
      else {
        const range = parseVersionRange(spec)
        assert.equal(range?.text, text)
        assert.equal(versions.map((version) => Number(range?.contains(version))).join(''), contains)
      }
    })
})
