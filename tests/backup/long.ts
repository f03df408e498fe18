/**
 * `npm run proof:backup -- [records]`: the long form of backup.test.ts, a million records unless told otherwise, restored as fast as it
 * can; on Apache Kafka with APACHE=1.
 */
import { openTempDir } from '../process/temp-dir.ts'
import { openPlayBroker } from './broker.ts'
import { playBackup } from './play.ts'

const records = Number(process.argv[2] ?? 1_000_000)
console.log(`${records} records`)
await using dir = await openTempDir()
await using broker = await openPlayBroker(process.env['APACHE'] === undefined ? 'embedded' : 'apache', dir)
await playBackup({
  dir,
  bootstrapServers: broker.bootstrapServers,
  records,
  restoredPerSecond: 0,
  say: (line) => console.log(line),
})
