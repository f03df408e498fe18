import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openClient } from '@isthmus/client'
import { openCluster, openFetcher } from '@isthmus/kafka'
import { eventually } from '../../process/eventually.ts'
import { openTempDir, type TempDir } from '../../process/temp-dir.ts'
import { openRestWorker } from '../../rest/worker.ts'

// a source that counts, and says what its helper module says; and a transform of another plugin, made the same way
const source = (property: string) => `
import { sourceRecord } from '@isthmus/sdk'
import { TEXT } from './text.ts'
const key = { type: 'string', default: '', importance: 'low', doc: '' }
export const Counting = {
  type: 'source', class: 'test.CountingConnector', taskClass: 'test.CountingTask', version: '1',
  config: { ${property}: key },
  connector: () => ({ taskConfigs: () => [{}] }),
  async task(_, context) {
    const [stored] = await context.offsets([{}])
    let next = stored?.next ?? 0
    return {
      async poll() {
        await new Promise((resolve) => setTimeout(resolve, 10))
        const at = next++
        return [sourceRecord({ topic: 'counted', sourcePartition: {}, sourceOffset: { next }, value: at + ' ' + TEXT })]
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}`
const transform = `
import { MARK } from './text.ts'
export const Mark = {
  type: 'transformation', class: 'test.Mark', version: '1', config: {},
  open: () => ({ apply: (record) => ({ ...record, value: record.value + ' ' + MARK }), close() {} }),
}`

interface Rig extends AsyncDisposable {
  readonly dir: TempDir
  readonly client: ReturnType<typeof openClient>
  /** Resolves with the next record of the topic, without its number; numbers follow one another. */
  next(): Promise<string>
  /** As long as they come, the next records are these; then that one. */
  nextBut(before: string, text: string): Promise<void>
  write(path: string, text: string): Promise<void>
}

async function openRig(props: { readonly [name: string]: string } = {}): Promise<Rig> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const write = async (path: string, text: string) => {
    await mkdir(join(dir.path, path, '..'), { recursive: true })
    await writeFile(dir.at(path), text)
  }
  await write('plugins/counting/index.ts', source('first'))
  await write('plugins/counting/text.ts', `export const TEXT: string = 'one'`)
  await write('plugins/mark/index.ts', transform)
  await write('plugins/mark/text.ts', `export const MARK: string = '!'`)
  const { bootstrapServers } = stack.use(await openBroker({ dataDir: dir.at('broker') }))
  const worker = stack.use(
    await openRestWorker({
      'bootstrap.servers': bootstrapServers,
      'plugin.path': dir.at('plugins'),
      ...props,
    }),
  )
  const cluster = stack.use(openCluster({ 'bootstrap.servers': bootstrapServers }))
  const fetcher = stack.use(openFetcher(cluster, { 'auto.offset.reset': 'earliest' }))
  fetcher.assign([{ topic: 'counted', partition: 0, offset: 0 }])
  const texts: string[] = []
  let count = 0
  const next = async (): Promise<string> => {
    await eventually(`record ${count}`, async () => {
      for (const { records } of texts.length > 0 ? [] : await fetcher.poll(1000))
        for (const { value } of records) texts.push(String(value))
      return texts.length > 0
    })
    const [number, ...text] = (texts.shift() ?? '').split(' ')
    assert.equal(number, String(count++))
    return text.join(' ')
  }
  const owned = stack.move()
  return {
    dir,
    write,
    client: openClient({ url: worker.url }),
    next,
    async nextBut(before, text) {
      let one = await next()
      while (one === before) one = await next()
      assert.equal(one, text)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const names = (plugins: readonly { readonly class: string }[]) => plugins.map((plugin) => plugin.class)

describe('plugins that change while the worker runs', () => {
  test('run when their connector is restarted, with all of their modules, and no sooner', async () => {
    await using rig = await openRig()
    const { client, next, nextBut, write, dir } = rig
    const config = {
      'connector.class': 'test.CountingConnector',
      transforms: 'mark',
      'transforms.mark.type': 'test.Mark',
    }
    await client.put('c', config)
    assert.equal(await next(), 'one !')

    await write('plugins/counting/text.ts', `export const TEXT: string = 'two'`)
    await write('plugins/counting/index.ts', source('second'))
    const changes = await client.rescanPlugins()
    assert.deepEqual(changes, {
      added: [],
      changed: [
        {
          class: 'test.CountingConnector',
          type: 'source',
          version: '1',
          location: dir.at('plugins/counting'),
        },
      ],
      removed: [],
      warnings: [],
    })
    // who asks sees it at once
    const own = (await client.pluginConfig('test.CountingConnector')).map(({ name }) => name)
    assert.ok(own.includes('second') && !own.includes('first'))
    // what runs does not, nor when it was paused
    await client.pause('c')
    await eventually('the task is paused', async () => (await client.taskStatus('c', 0)).state === 'PAUSED')
    await client.resume('c')
    await eventually('the task runs', async () => (await client.taskStatus('c', 0)).state === 'RUNNING')
    for (let record = 0; record < 10; record++) assert.equal(await next(), 'one !')
    await client.restart('c', { includeTasks: true })
    await nextBut('one !', 'two !')

    // of a transform likewise; here the task alone is restarted
    await write('plugins/mark/text.ts', `export const MARK: string = '?'`)
    assert.deepEqual(names((await client.rescanPlugins()).changed), ['test.Mark'])
    await client.restartTask('c', 0)
    await nextBut('two !', 'two ?')

    // a mistake does not harm what runs; what starts is told of it, until it is mended
    await write('plugins/counting/text.ts', `export const TEXT: string = 'thr`)
    const { changed, warnings } = await client.rescanPlugins()
    assert.deepEqual(names(changed), ['test.CountingConnector'])
    assert.match(warnings.join(), /Failed to load plugins from .*counting\/index\.ts: .*text\.ts:1/)
    for (let record = 0; record < 10; record++) assert.equal(await next(), 'two ?')
    await assert.rejects(client.restart('c'))
    assert.match(
      (await client.status('c')).connector.trace ?? '',
      /Failed to load test\.CountingConnector from .*text\.ts:1/,
    )

    // one that is resumed after it was stopped begins anew
    await write('plugins/counting/text.ts', `export const TEXT: string = 'three'`)
    await client.stop('c')
    await client.rescanPlugins()
    await client.resume('c')
    await nextBut('two ?', 'three ?')
    assert.equal((await client.rescanPlugins()).changed.length, 0)
  })

  test('may go and come in a folder that is watched: what runs goes on, what starts without them fails and says so', async () => {
    await using rig = await openRig({ 'plugin.path.watch.enable': 'true' })
    const { client, next, write, dir } = rig
    await client.put('c', { 'connector.class': 'test.CountingConnector' })
    assert.equal(await next(), 'one')
    const isThere = async () => names(await client.plugins()).includes('test.CountingConnector')
    await rm(dir.at('plugins/counting'), { recursive: true })
    await eventually('it has gone', async () => !(await isThere()))
    for (let record = 0; record < 10; record++) assert.equal(await next(), 'one')
    await assert.rejects(client.restart('c'), /Failed to start connector: c/)
    const { connector } = await client.status('c')
    assert.equal(connector.state, 'FAILED')
    assert.match(
      connector.trace ?? '',
      /Failed to find any class that implements Connector and which name matches test\.CountingConnector/,
    )
    await assert.rejects(
      client.put('d', { 'connector.class': 'test.CountingConnector' }),
      /Failed to find any class that implements Connector/,
    )
    await write('plugins/again/index.ts', source('third'))
    await write('plugins/again/text.ts', `export const TEXT: string = 'back'`)
    await eventually('it is back', isThere)
    await client.restart('c', { includeTasks: true })
    await rig.nextBut('one', 'back')
  })
})
