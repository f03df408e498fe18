import { test } from 'node:test'
import { s3ServerIsAbsent } from '@isthmus/connector-s3/testing'
import { openTempDir } from '../process/temp-dir.ts'
import { openPlayBroker } from './broker.ts'
import { playBackup } from './play.ts'

const skip = await s3ServerIsAbsent()

test('topics that are lost come back from their backup, record by record, though workers are killed', {
  skip,
}, async (t) => {
  await using dir = await openTempDir()
  await using broker = await openPlayBroker('embedded', dir)
  await playBackup({
    dir,
    bootstrapServers: broker.bootstrapServers,
    records: 30_000,
    restoredPerSecond: 4000,
    say: (line) => t.diagnostic(line),
  })
})
