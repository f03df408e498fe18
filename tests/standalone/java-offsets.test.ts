import { appendFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { javaConnectStandalone } from '../apache/apache.ts'
import type { Child } from '../process/child.ts'
import { newTopic, sinkProps, sourceProps, workerProps } from '../process/file-copy.ts'
import { isthmusStandalone } from '../process/isthmus.ts'
import { holdsExactly, textOf } from '../process/lines.ts'
import { openTempDir } from '../process/temp-dir.ts'

const apache = process.env['ISTHMUS_KAFKA']
type Props = { readonly [name: string]: string }
type Start = (options: { dir: string; worker: Props; connectors: readonly Props[] }) => Promise<Child>
const workers: { readonly [name: string]: Start } = {
  Java: javaConnectStandalone,
  Isthmus: isthmusStandalone,
}

// ASCII: Java counts characters where the position is in bytes, so with others a hand-over from Java would read on at another place
const asciiLines = (from: number): string[] =>
  Array.from({ length: 5000 }, (_, index) => `line ${from + index} ${'abc'.repeat(index % 9)}`)

describe('one takes over where the other stopped', {
  skip: apache === undefined && 'no Apache Kafka',
}, () => {
  for (const order of [
    ['Java', 'Isthmus', 'Java'],
    ['Isthmus', 'Java', 'Isthmus'],
  ]) {
    test(`${order.join(', then ')}: same offsets file, same consumer group, no line lost nor twice`, async () => {
      await using dir = await openTempDir()
      const topic = newTopic()
      const lines: string[] = []
      for (const [round, name] of order.entries()) {
        const more = asciiLines(round * 5000)
        lines.push(...more)
        await appendFile(dir.at('input'), textOf(more))
        await using worker = await workers[name]!({
          dir: dir.path,
          worker: workerProps(apache!, dir.at('offsets')),
          connectors: [sourceProps(topic, dir.at('input')), sinkProps(topic, dir.at('output'))],
        })
        await holdsExactly(dir.at('output'), lines, 90_000)
        worker.kill('SIGTERM')
        await worker.ended
      }
    })
  }

  for (const [source, sink] of [
    ['Java', 'Isthmus'],
    ['Isthmus', 'Java'],
  ]) {
    test(`the source in ${source}, the sink in ${sink}: the same text arrives`, async () => {
      await using dir = await openTempDir()
      const topic = newTopic()
      const lines = ['plain', 'häßlich ✓ 🚢', '', '{"a": [1]}', 'tab\there', ...asciiLines(0)]
      await writeFile(dir.at('input'), textOf(lines))
      const json = 'org.apache.kafka.connect.json.JsonConverter'
      const worker = (offsets: string): Props =>
        workerProps(apache!, dir.at(offsets), { 'key.converter': json, 'value.converter': json })
      await using _source = await workers[source!]!({
        dir: dir.at('source'),
        worker: worker('offsets-source'),
        connectors: [sourceProps(topic, dir.at('input'))],
      })
      await using _sink = await workers[sink!]!({
        dir: dir.at('sink'),
        worker: worker('offsets-sink'),
        connectors: [sinkProps(topic, dir.at('output'))],
      })
      await holdsExactly(dir.at('output'), lines, 90_000)
    })
  }
})
