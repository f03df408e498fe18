import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { openTestLog } from '../testing/restore-rig.ts'
import { openDownload } from './download.ts'

const MIB = 1024 * 1024
const { log } = openTestLog()

it('no more than 8 MiB wait to be read, and a download that is closed ends', async () => {
  let sent = 0
  let ended = false
  async function* body(signal: AbortSignal | undefined) {
    try {
      for (;;) {
        signal?.throwIfAborted()
        yield new Uint8Array(MIB)
        sent++
      }
    } finally {
      ended = true
    }
  }
  const download = openDownload('key', {
    store: { get: async (_key, options) => ({ size: 100 * MIB, body: body(options?.signal) }) },
    log,
    signal: new AbortController().signal,
    changed() {},
  })
  const settled = async () => {
    for (let i = 0; i < 50; i++) await turn()
  }
  await settled()
  // the eighth is taken in, and nothing is asked for behind it
  assert.equal(sent, 7)
  assert.equal((download.take() as Uint8Array).length, MIB)
  await settled()
  assert.equal(sent, 8)
  download.close()
  await settled()
  assert.equal(ended, true)
})

it('an object with another size than before is gone', async () => {
  const sizes = [10, 11]
  const rung = Promise.withResolvers<void>()
  async function* half() {
    yield new Uint8Array(5)
    throw Object.assign(new Error('lost'), { code: 'retriable' })
  }
  const asked: (number | undefined)[] = []
  let chunks = 0
  const download = openDownload('key', {
    store: {
      async get(_key, options) {
        asked.push(options?.from)
        return { size: sizes.shift() ?? 0, body: half() }
      },
    },
    log,
    signal: new AbortController().signal,
    changed() {
      if (asked.length === 2) rung.resolve()
    },
  })
  await rung.promise
  while (typeof download.take() === 'object') chunks++
  assert.equal(chunks, 1)
  assert.equal(download.take(), 'gone')
  assert.deepEqual(asked, [0, 5])
})
