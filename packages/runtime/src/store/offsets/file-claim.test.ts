import assert from 'node:assert/strict'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { claimFile } from './file-claim.ts'

const skip = process.platform !== 'linux' && process.platform !== 'win32' && 'the system has no such names'

describe('the claim to an offsets file', { skip }, () => {
  it('is refused while another has it, by whatever path, and free when that one is gone', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'isthmus-claim-'))
    t.after(() => rm(folder, { recursive: true }))
    const path = join(folder, 'offsets')
    const refusal = {
      code: 'config',
      message: /is in use by another worker\. Give each worker a file of its own/,
    }
    {
      await using _ = await claimFile(path)
      await assert.rejects(claimFile(join(folder, '..', folder.split('/').at(-1) ?? '', 'offsets')), refusal)
      await using other = await claimFile(join(folder, 'others'))
      assert.ok(other)
    }
    await writeFile(path, '')
    await symlink(path, join(folder, 'link'))
    await using _ = await claimFile(join(folder, 'link'))
    await assert.rejects(claimFile(path), refusal)
  })

  it('is nothing where the system has no such names', async () => {
    await using one = await claimFile('/tmp/isthmus-claim-test', 'darwin')
    await using two = await claimFile('/tmp/isthmus-claim-test', 'darwin')
    assert.ok(one !== two)
  })
})
