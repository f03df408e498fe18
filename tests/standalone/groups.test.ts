import assert from 'node:assert/strict'
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { startChild } from '../process/child.ts'
import { eventually } from '../process/eventually.ts'
import { newTopic, sinkProps, sourceProps, workerProps } from '../process/file-copy.ts'
import {
  type BrokerProcess,
  connectStandaloneScript,
  isthmusStandalone,
  openBrokerProcess,
} from '../process/isthmus.ts'
import { holdsExactly, linesOf, readLines, textOf } from '../process/lines.ts'
import { freePorts } from '../process/ports.ts'
import { writeProperties } from '../process/properties-file.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'

// every task writes a file of its own, so that it can be told who got what
const PLUGIN = `
import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
export const Split = {
  type: 'sink', class: 'test.SplitConnector', taskClass: 'test.SplitTask', version: '1',
  config: { dir: { type: 'string', importance: 'high', doc: '' } },
  connector: ({ raw }) => ({ taskConfigs: (max) => Array.from({ length: max }, () => raw) }),
  task({ dir }) {
    const file = dir + '/' + randomUUID()
    appendFileSync(file, '')
    return {
      async put(records) {
        appendFileSync(file, records.map(({ value }) => value + '\\n').join(''))
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}`

describe('sink tasks that share a group, topics that come later, and the standard streams', () => {
  let brokerDir: TempDir
  let broker: BrokerProcess
  before(async () => {
    brokerDir = await openTempDir()
    broker = await openBrokerProcess(brokerDir.at('broker'))
  })
  after(async () => {
    await broker[Symbol.asyncDispose]()
    await brokerDir[Symbol.asyncDispose]()
  })
  const requests = (url: string) => ({
    put: async (name: string, config: object) => {
      const response = await fetch(`${url}/connectors/${name}/config`, {
        method: 'PUT',
        body: JSON.stringify(config),
        headers: { 'content-type': 'application/json' },
      })
      assert.ok(response.ok, await response.text())
    },
    states: async (name: string) => {
      const response = await fetch(`${url}/connectors/${name}/status`)
      return ((await response.json()) as { tasks: { state: string }[] }).tasks.map(({ state }) => state)
    },
  })

  test('two tasks, then three, then one: every record arrives, and each task has its part of them', async () => {
    await using dir = await openTempDir()
    await mkdir(dir.at('plugins/split'), { recursive: true })
    await writeFile(dir.at('plugins/split/index.mjs'), PLUGIN)
    const out = dir.at('out')
    await mkdir(out)
    const [port] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    const topic = newTopic()
    const source = sourceProps(topic, dir.at('input'), {
      'topic.creation.default.partitions': '6',
      'topic.creation.default.replication.factor': '1',
      // many small batches spread over the partitions
      'batch.size': '50',
      'producer.override.batch.size': '500',
    })
    const sink = (tasks: number) => ({
      name: 'split',
      'connector.class': 'Split',
      'tasks.max': String(tasks),
      topics: topic,
      dir: out,
      'consumer.override.auto.offset.reset': 'earliest',
    })
    const all = linesOf(6000)
    const parts = [all.slice(0, 2000), all.slice(2000, 4000), all.slice(4000)]
    await writeFile(dir.at('input'), textOf(parts[0] ?? []))
    await using worker = await isthmusStandalone({
      dir: dir.path,
      worker: workerProps(broker.bootstrapServers, dir.at('offsets'), {
        listeners: url,
        'plugin.path': dir.at('plugins'),
        'offset.flush.interval.ms': '200',
      }),
      connectors: [source],
    })
    await worker.printed('Kafka Connect started')
    const { put, states } = requests(url)
    const arrived = async () => {
      const files = await readdir(out)
      return await Promise.all(files.map((file) => readLines(`${out}/${file}`)))
    }
    let count = 0
    for (const [i, tasks] of [2, 3, 1].entries()) {
      await put('split', sink(tasks))
      await eventually('all tasks run', async () => {
        const now = await states('split')
        return now.length === tasks && now.every((state) => state === 'RUNNING')
      })
      if (i > 0) await appendFile(dir.at('input'), textOf(parts[i] ?? []))
      count += parts[i]?.length ?? 0
      const wanted = count
      await eventually(
        `${wanted} records of ${tasks} tasks`,
        async () => new Set((await arrived()).flat()).size === wanted,
      )
    }
    const files = await arrived()
    assert.deepEqual([...new Set(files.flat())].sort(), [...all].sort())
    const busy = files.filter((lines) => lines.length > 0).length
    // a busy machine may give all that is there to the first task that joins
    assert.ok(busy >= 3, `only ${busy} of 6 tasks got records`)
    // rebalances that nobody died in are clean
    assert.equal(files.flat().length, all.length)
  })

  test('topics.regex takes up topics that are created later', async () => {
    await using dir = await openTempDir()
    const prefix = newTopic()
    const [port] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    const { topics: _, ...sink } = sinkProps(prefix, dir.at('output'))
    await using worker = await isthmusStandalone({
      dir: dir.path,
      worker: workerProps(broker.bootstrapServers, dir.at('offsets'), { listeners: url }),
      connectors: [
        {
          ...sink,
          'topics.regex': `${prefix}-(one|two)`,
          'consumer.override.metadata.max.age.ms': '500',
          'consumer.override.auto.offset.reset': 'earliest',
        },
      ],
    })
    await worker.printed('Kafka Connect started')
    const { put } = requests(url)
    const lines: string[] = []
    // a pattern that would think about this name for ever holds nothing up
    const tiring = `${'a'.repeat(40)}-`
    await writeFile(dir.at('tiring'), 'x\n')
    const { name: tiringId = '', ...tiringConfig } = sourceProps(tiring, dir.at('tiring'), { name: 'tiring' })
    await put(tiringId, tiringConfig)
    const { name: _name, ...patient } = sink
    await put('patient', { ...patient, file: dir.at('none'), 'topics.regex': '((a+)+)+[^-]' })
    for (const [i, name] of ['one', 'two', 'three'].entries()) {
      const text = linesOf(20).map((line) => `${name} ${line}`)
      await writeFile(dir.at(name), textOf(text))
      if (i < 2) lines.push(...text)
      const { name: id = '', ...config } = sourceProps(`${prefix}-${name}`, dir.at(name), { name })
      await put(id, config)
      await eventually(
        `what is of ${name}`,
        async () => (await readLines(dir.at('output'))).length === lines.length,
      )
    }
    await holdsExactly(dir.at('output'), lines)
  })

  test('without files: from standard input to standard output', async () => {
    await using dir = await openTempDir()
    const topic = newTopic()
    const { file: _, ...source } = sourceProps(topic, '')
    const { file: __, ...sink } = sinkProps(topic, '')
    const worker = await writeProperties(dir.at('w.properties'), {
      ...workerProps(broker.bootstrapServers, dir.at('offsets')),
      listeners: 'http://127.0.0.1:0',
    })
    const files = await Promise.all([
      writeProperties(dir.at('source.properties'), source),
      writeProperties(dir.at('sink.properties'), sink),
    ])
    await using child = startChild(connectStandaloneScript, [worker, ...files], {
      cwd: dir.path,
      stdin: 'pipe',
    })
    await child.printed('Kafka Connect started')
    child.stdin?.write('first line\nsecond line\n')
    await child.printed(/^second line$/m)
    child.stdin?.write('third')
    child.stdin?.write(' line\n')
    await child.printed(/^third line$/m)
    assert.match(child.output(), /^first line$/m)
    child.kill('SIGTERM')
    assert.equal(await child.ended, 0, child.output())
  })
})
