import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** Lines of 84 bytes with their line end: numbered, and with letters that differ from line to line. */
export async function writeLines(path: string, lines: number): Promise<number> {
  const out = createWriteStream(path, { highWaterMark: 1 << 20 })
  let seed = 42
  let bytes = 0
  for (let line = 0; line < lines; ) {
    let block = ''
    for (const end = Math.min(lines, line + 5000); line < end; line++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      const word = seed.toString(36).padStart(7, '0')
      block += `${String(line).padStart(9, '0')} ${word} GET /orders/${word}/items?page=1 200 "Mozilla/5.0 (${word})" end\n`
    }
    bytes += block.length
    if (!out.write(block)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
  return bytes
}

type Props = { readonly [name: string]: string }

export const formats: { readonly [name: string]: Props } = {
  string: {
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  },
  json: {
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
  },
}

/** The configurations of one run: file → topic → other file, both connectors in the one worker. */
export interface Run {
  readonly worker: Props
  readonly source: Props
  readonly sink: Props
}
export function runOf(
  bootstrapServers: string,
  format: Props,
  dir: string,
  input: string,
  topic: string,
): Run {
  return {
    worker: {
      'bootstrap.servers': bootstrapServers,
      'offset.storage.file.filename': `${dir}/offsets`,
      'offset.flush.interval.ms': '10000',
      ...format,
    },
    source: {
      name: `${topic}-source`,
      'connector.class': 'FileStreamSource',
      'tasks.max': '1',
      file: input,
      topic,
    },
    sink: {
      name: `${topic}-sink`,
      'connector.class': 'FileStreamSink',
      'tasks.max': '1',
      file: `${dir}/output`,
      topics: topic,
    },
  }
}
