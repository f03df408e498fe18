import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../broker-log.ts'
import { openProducerIds } from './producer-ids.ts'

test('no id is given twice, whenever the broker dies', () => {
  const directory = mkdtempSync(join(tmpdir(), 'isthmus-ids-'))
  try {
    const path = join(directory, 'ids.json')
    const seen = new Set<number>()
    let given = 0
    for (const count of [1, 999, 1, 1000, 0, 1001, 5]) {
      const next = openProducerIds(path, silentLog)
      for (let i = 0; i < count; i++) {
        seen.add(next())
        given++
      }
    }
    assert.equal(seen.size, given)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a cut file is named, and no id comes again for it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'isthmus-ids-'))
  try {
    const path = join(directory, 'ids.json')
    const before = openProducerIds(path, silentLog)()
    truncateSync(path, 20)
    const lines: string[] = []
    const after = openProducerIds(path, { ...silentLog, error: (line) => void lines.push(line) })()
    assert.ok(after > before + 1000)
    assert.match(lines.join(), /ids\.json is damaged/)
    assert.equal(openProducerIds(path, silentLog)(), after + 1000)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
