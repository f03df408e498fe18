/**
 * One run in a process of its own: `sink|source url rows`: a task of the connector alone, without a worker; `replay url requests.json`:
 * requests that such a task has made, as they are. Prints milliseconds and CPU seconds at the end.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { KineticaSink, KineticaSource } from '@isthmus/connector-kinetica'
import { parseConfig, type SinkRecord, schema } from '@isthmus/sdk'
import { sinkContext, sinkRecord, sourceContext } from '@isthmus/testkit'
import type { CapturedRequest } from './kinetica-capture.ts'

/** As many as a worker hands on at a time. */
const PUT_RECORDS = 500
const LONGEST_MS = 180_000
const ORDER = schema.struct(
  {
    id: schema.int64(),
    customer: schema.string(),
    price: schema.float64(),
    at: schema.int64(),
    note: schema.string({ optional: true }),
  },
  { name: 'Order' },
)

const [what, url = '', third = ''] = process.argv.slice(2)
const runs: { readonly [what: string]: () => Promise<() => Promise<void>> } = { sink, source, replay }
const run = await (runs[what ?? ''] as (typeof runs)[string])()
const cpu = process.cpuUsage()
const started = performance.now()
await run()
const milliseconds = performance.now() - started
const { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({ milliseconds, cpuSeconds: (user + system) / 1e6 }))
process.exit(0)

/** What is done before the clock starts; what it answers with is measured. */
async function sink(): Promise<() => Promise<void>> {
  const rows = Number(third)
  const config = parseConfig(KineticaSink.config, {
    'kinetica.url': url,
    'kinetica.enable_multihead': 'false',
    topics: 'orders',
  })
  const task = await KineticaSink.task(config, sinkContext())
  return async () => {
    for (let from = 0; from < rows; from += PUT_RECORDS) await task.put(recordsFrom(from, rows))
    const [committed] = (await task.preCommit?.([{ topic: 'orders', partition: 0, offset: rows }])) ?? []
    if (committed?.offset !== rows) throw new Error(`${committed?.offset} of ${rows} rows are stored`)
  }
}

function recordsFrom(from: number, rows: number): readonly SinkRecord[] {
  return Array.from({ length: Math.min(PUT_RECORDS, rows - from) }, (_, at) =>
    sinkRecord({ topic: 'orders', kafkaOffset: from + at, valueSchema: ORDER, value: orderOf(from + at) }),
  )
}

function orderOf(number: number) {
  return {
    id: BigInt(number),
    customer: `customer ${number % 1000}`,
    price: number / 8,
    at: 1_700_000_000_000n + BigInt(number),
    note: number % 3 === 0 ? null : `left at the door of number ${number % 77}`,
  }
}

async function source(): Promise<() => Promise<void>> {
  const rows = Number(third)
  const config = parseConfig(KineticaSource.config, {
    'kinetica.url': url,
    'kinetica.table_names': 'Order',
    'kinetica.order_column': 'id',
  })
  const task = await KineticaSource.task(config, sourceContext())
  const signal = AbortSignal.timeout(LONGEST_MS)
  return async () => {
    for (let read = 0; read < rows; ) {
      read += (await task.poll(signal))?.length ?? 0
      signal.throwIfAborted()
    }
  }
}

async function replay(): Promise<() => Promise<void>> {
  const captured: readonly CapturedRequest[] = JSON.parse(await readFile(third, 'utf8'))
  const requests = captured.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body, 'base64') }))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return async () => {
    for (const { path, type, body } of requests) {
      const sent = request(`${url}${path}`, {
        agent,
        method: 'POST',
        headers: { 'content-type': type, 'content-length': body.length },
      })
      sent.end(body)
      const [answer]: [IncomingMessage] = (await once(sent, 'response')) as [IncomingMessage]
      answer.resume()
      await once(answer, 'end')
      if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`)
    }
  }
}
