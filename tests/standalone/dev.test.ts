import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openClient } from '@isthmus/client'
import { openCluster, openProducer } from '@isthmus/kafka'
import { type Child, startChild } from '../process/child.ts'
import { eventually } from '../process/eventually.ts'
import { openTempDir } from '../process/temp-dir.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const isthmus = `${root}packages/isthmus/src/bin/isthmus.ts`

// as an author writes one, in two modules
const CONNECTOR = `
import { sourceConnector, sourceRecord } from '@isthmus/sdk'
import { TEXT } from './text.ts'

interface Where { readonly next?: number }

export const Counting = sourceConnector({
  class: 'dev.Counting',
  version: '1.0.0',
  config: {
    topic: { type: 'string', importance: 'high', doc: 'Where to' },
    every: { type: 'int', default: 20, importance: 'low', doc: 'How often, in ms' },
  },
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  async task({ topic, every }, context) {
    const [stored] = (await context.offsets([{}])) as readonly (Where | null)[]
    let next = stored?.next ?? 0
    context.log.info(\`begins at \${next}\`)
    return {
      async poll(signal: AbortSignal) {
        await context.clock.wait(every, signal)
        const n = next++
        return [sourceRecord({ topic, sourcePartition: {}, sourceOffset: { next }, value: { n, text: TEXT } })]
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})
`
const CONFIG = { name: 'counting', 'connector.class': 'dev.Counting', topic: 'counted', every: '20' }
const properties = (props: object) =>
  Object.entries(props)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

/** The records that were printed, in order. */
const recordsIn = (output: string): readonly { topic: string; offset: number; n: number }[] =>
  [...output.matchAll(/^→ (\w+)-0@(\d+) {2}null {2}\{"n":(\d+),/gm)].map(([, topic = '', offset, n]) => ({
    topic,
    offset: Number(offset),
    n: Number(n),
  }))

/** One more record, after all that was printed before. */
async function another(child: Child): Promise<string> {
  const before = child.output().length
  await eventually('a record', () => /^→ .*\n/m.test(child.output().slice(before)))
  return child.output().slice(before)
}

test('isthmus dev runs a plugin and its configurations, and takes what is saved', async () => {
  await using dir = await openTempDir()
  const save = (path: string, text: string) => writeFile(dir.at(path), text)
  await mkdir(dir.at('config'))
  await save('package.json', '{ "type": "module", "exports": "./index.ts" }')
  await save('index.ts', CONNECTOR)
  await save('text.ts', `export const TEXT: string = 'one'\n`)
  await save('config/counting.properties', properties(CONFIG))
  let output = ''
  {
    await using dev = startChild(process.execPath, [isthmus, 'dev', dir.path])
    await dev.printed('{"n":3,"text":"one"}')
    await dev.printed('[counting|task-0] begins at 0')
    const [, url = ''] = /REST +(\S+)/.exec(dev.output()) ?? []
    const [, servers = ''] = /Kafka +(\S+)/.exec(dev.output()) ?? []

    await save('text.ts', `export const TEXT: string = 'two'\n`)
    await dev.printed('Saved text.ts: starting anew')
    await dev.printed('"text":"two"')

    // the line is shown, and what runs goes on
    await save('text.ts', `export const TEXT: string = 'thr\n`)
    await dev.printed(
      /Failed to load plugins from index\.ts: .*\(text\.ts:1:29\)\n +1 \| export const TEXT: string = 'thr\n +\| {29}\^\n/,
    )
    await dev.printed('What runs goes on with the code from before.')
    assert.match(await another(dev), /"text":"two"/)

    await save('text.ts', `export const TEXT: string = 'three'\n`)
    await dev.printed('"text":"three"')

    // nor is a definition taken that cannot be used, or code without the class that runs
    await save('index.ts', CONNECTOR.replace("type: 'int'", "type: 'integer'"))
    await dev.printed(
      /\(export 'Counting' of index\.ts\) cannot be used: .*did you mean 'int'\?\nWhat runs goes on/,
    )
    await save('index.ts', CONNECTOR.replace('dev.Counting', 'dev.Renamed'))
    await dev.printed(
      'dev.Counting is not there any more; counting runs it (config/counting.properties).\nWhat runs goes on',
    )
    await save('package.json', '{')
    await dev.printed(
      /has a package\.json that cannot be used: .*\ndev\.Counting is not there .*\nWhat runs goes on/,
    )
    assert.match(await another(dev), /"text":"three"/)
    assert.doesNotMatch(dev.output(), /Error while starting|Task threw/)
    await save('index.ts', CONNECTOR)
    await save('package.json', '{ "type": "module", "exports": "./index.ts" }')
    await dev.printed(/Saved .*package\.json: starting anew/)

    // where it failed, in the author's code only
    await save(
      'index.ts',
      CONNECTOR.replace('const n = next++', `if (TEXT) throw new Error('an odd thing')\n  const n = next++`),
    )
    await dev.printed(/ConnectException: an odd thing\n +at .*poll \(index\.ts:\d+:\d+\)\n(?! +at )/)
    await save('index.ts', CONNECTOR.replace(`'1.0.0'`, `'1.1.0'`))
    await another(dev)
    assert.equal(
      (await openClient({ url }).plugins()).find(({ class: name }) => name === 'dev.Counting')?.version,
      '1.1.0',
    )

    // configurations: wrong, changed, added, removed
    await save('config/counting.properties', properties({ ...CONFIG, every: 'often' }))
    await dev.printed(
      /config\/counting\.properties: Invalid value often for configuration every: .*\nIt goes on as it was\./,
    )
    await save('config/counting.properties', properties({ ...CONFIG, topic: 'other' }))
    await dev.printed('counting is started with its new configuration')
    await dev.printed('→ other-0@0')
    await save(
      'sink.json',
      JSON.stringify({
        name: 'sink',
        'connector.class': 'FileStreamSink',
        file: dir.at('out.txt'),
        topics: 'given',
      }),
    )
    await dev.printed('sink is started (sink.json)')
    await using cluster = openCluster({ 'bootstrap.servers': servers })
    await using producer = openProducer<null>(cluster, {}, { acknowledged() {} })
    await cluster.topic('given', { create: true })
    await producer.enqueue(
      'given',
      0,
      null,
      Buffer.from('key'),
      Buffer.from('{"a":1}'),
      [{ key: 'h', value: Buffer.from('v') }],
      null,
    )
    await dev.printed('← given-0@0  key  {"a":1}  h=v')
    await rm(dir.at('sink.json'))
    await dev.printed('sink is deleted: sink.json has gone. Its offsets are kept.')
    assert.deepEqual(await openClient({ url }).connectors(), ['counting'])

    dev.kill('SIGINT')
    assert.equal(await dev.ended, 0, dev.output())
    output = dev.output()
  }
  {
    await using again = startChild(process.execPath, [isthmus, 'dev', '.'], { cwd: dir.path })
    await another(again)
    again.kill('SIGTERM')
    assert.equal(await again.ended, 0, again.output())
    output += again.output()
  }
  // none is lost or doubled, in whatever run; those of the very end of one may not be printed any more
  const records = recordsIn(output)
  const first = records.find(({ topic }) => topic === 'other')?.n ?? 0
  for (const { topic, offset, n } of records) assert.equal(n, topic === 'other' ? first + offset : offset)
  assert.equal(records[first]?.topic, 'other')
  await using fresh = startChild(process.execPath, [isthmus, 'dev', '.', '--fresh'], { cwd: dir.path })
  await fresh.printed('{"n":0,"text":"three"}')
})
