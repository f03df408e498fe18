/** `node tests/interop/older.ts [release…]`: clusters of older Java workers are taken over, shared and given back, one after another. */
import { openApacheKafka } from '../apache/apache.ts'
import { playOlder } from './older-play.ts'

const RELEASES = ['2.3.1', '2.8.2', '3.3.2', '3.6.2', '3.9.1']

const named = process.argv.slice(2)
await using stack = new AsyncDisposableStack()
const bootstrapServers = process.env['ISTHMUS_KAFKA'] ?? stack.use(await openApacheKafka()).bootstrapServers
for (const release of named.length > 0 ? named : RELEASES) {
  const started = performance.now()
  await playOlder(bootstrapServers, release)
  console.log(`${release}: nothing lost, after ${Math.round((performance.now() - started) / 1000)} s`)
}
