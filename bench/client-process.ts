/** One run of our client in a process of its own: `produce|fetch servers topic records bytes`. Prints records/s at the end. */
import { openCluster, openFetcher, openProducer } from '@isthmus/kafka'

const [what, servers = '', topic = '', records = '0', bytes = '0'] = process.argv.slice(2)
const count = Number(records)
const props = { 'bootstrap.servers': servers }
const started = performance.now()
if (what === 'produce') await produce()
else await fetch()
const seconds = (performance.now() - started) / 1000
console.log(Math.round(count / seconds))

async function produce(): Promise<void> {
  await using cluster = openCluster(props)
  let failed: Error | null = null
  await using producer = openProducer<null>(
    cluster,
    { ...props, acks: 'all', 'enable.idempotence': 'true' },
    {
      acknowledged({ error }) {
        failed ??= error
      },
    },
  )
  // as Java's tool: bytes made once, sent over and over
  const value = Buffer.from(Array.from({ length: Number(bytes) }, (_, at) => 65 + ((at * 7) % 26)))
  for (let sent = 0; sent < count; ) {
    const full = producer.enqueue(topic, null, null, null, value, [], null)
    if (full === undefined) sent++
    else await full
  }
  await producer.flush()
  if (failed !== null) throw failed
}

async function fetch(): Promise<void> {
  await using cluster = openCluster(props)
  await using fetcher = openFetcher(cluster, { ...props, 'auto.offset.reset': 'earliest' })
  fetcher.assign([{ topic, partition: 0, offset: 0 }])
  const deadline = AbortSignal.timeout(60_000)
  for (let seen = 0; seen < count; ) {
    deadline.throwIfAborted()
    for (const batch of await fetcher.poll(1000)) seen += batch.records.length
  }
}
