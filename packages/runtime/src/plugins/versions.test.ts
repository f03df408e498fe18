import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { testPlugins } from '../testing/plugins.ts'
import { rig, stateOf } from '../testing/rig.ts'
import { until } from '../testing/until.ts'
import type { PluginDescriptor } from './descriptor.ts'
import { scanApart } from './scan-apart.ts'

const connector = (version: string) => `
export const Greeter = {
  type: 'source', class: 'test.GreeterConnector', taskClass: 'test.GreeterTask', version: '${version}',
  config: { ['since-${version}']: { type: 'string', default: '', importance: 'low', doc: '' } },
  connector: () => ({ taskConfigs: () => [{}] }),
  task() {
    let sent = false
    return {
      async poll(signal) {
        if (!sent) {
          sent = true
          return [{ topic: 'greetings', partition: null, key: null, keySchema: null, value: 'from ${version}', valueSchema: null,
            timestamp: null, headers: [], sourcePartition: {}, sourceOffset: {} }]
        }
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        return null
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}`
const transform = (version: string) => `
export const Mark = {
  type: 'transformation', class: 'test.Mark', version: '${version}',
  config: { ['mark-${version}']: { type: 'string', default: '', importance: 'low', doc: '' } },
  open: () => ({ apply: (record) => ({ ...record, value: record.value + ' marked ${version}' }) }),
}`

describe('versions of a plugin side by side', () => {
  let folder: string
  let plugins: readonly PluginDescriptor[]
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isthmus-versions-'))
    const sources: readonly [string, string][] = [
      ['greeter-1', connector('1.9') + transform('2.0')],
      ['greeter-2', connector('1.10')],
      ['mark-1', transform('1.0')],
      ['mark-3', transform('3.0-rc1')],
    ]
    for (const [name, source] of sources) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'index.mjs'), source)
    }
    const scan = await scanApart({ packages: [], paths: [folder] })
    assert.deepEqual(scan.warnings, [])
    plugins = [...testPlugins, ...scan.plugins]
  })
  after(() => rm(folder, { recursive: true }))

  const base = { 'connector.class': 'Greeter', transforms: 'm', 'transforms.m.type': 'Mark' }
  const greetingOf = async (config: { readonly [name: string]: string }) => {
    await using given = await rig()
    await using worker = await given.open({}, undefined, plugins)
    await worker.herder.put('g', { ...base, ...config })
    await until(() => (given.kafka.topics.get('greetings')?.length ?? 0) > 0)
    const [record] = given.kafka.topics.get('greetings') ?? []
    await until(() => stateOf(worker, 'g', 0) === 'RUNNING')
    const { connector, tasks } = worker.herder.status('g')
    return { text: String(record?.value), connector: connector.version, task: tasks[0]?.version }
  }

  it('without a pin: the latest connector, and the latest transform', async () => {
    assert.deepEqual(await greetingOf({}), {
      text: 'from 1.10 marked 3.0-rc1',
      connector: '1.10',
      task: '1.10',
    })
  })

  it('with a pin: that connector, and the transform that comes with it', async () => {
    assert.deepEqual(await greetingOf({ 'connector.plugin.version': '1.9' }), {
      text: 'from 1.9 marked 2.0',
      connector: '1.9',
      task: '1.9',
    })
  })

  it('ranges choose the newest that fits; each alias its own', async () => {
    const config = {
      'connector.plugin.version': '[1.0,1.10)',
      transforms: 'm,n',
      'transforms.m.plugin.version': '(,2.0)',
      'transforms.n.type': 'Mark',
      'transforms.n.plugin.version': '[2.1,)',
    }
    assert.equal((await greetingOf(config)).text, 'from 1.9 marked 1.0 marked 3.0-rc1')
  })

  it("are validated in the version that is named, recommended, and refused in Java's words", async () => {
    await using given = await rig()
    await using worker = await given.open({}, undefined, plugins)
    const { herder } = worker
    const infosOf = async (config: { readonly [name: string]: string }) => {
      const { configs } = await herder.validate({ name: 'g', ...base, ...config })
      return new Map(configs.map(({ value }) => [value.name, value]))
    }
    const pinned = await infosOf({ 'connector.plugin.version': '1.9', 'transforms.m.plugin.version': '1.0' })
    assert.deepEqual(pinned.get('connector.plugin.version')?.recommended_values, ['1.9', '1.10'])
    assert.deepEqual(pinned.get('transforms.m.plugin.version')?.recommended_values, ['1.0', '2.0', '3.0-rc1'])
    assert.ok(pinned.has('since-1.9') && !pinned.has('since-1.10'))
    assert.ok(pinned.has('transforms.m.mark-1.0') && !pinned.has('transforms.m.mark-2.0'))
    const free = await infosOf({ 'connector.plugin.version': '1.9' })
    assert.equal(free.get('transforms.m.plugin.version')?.value, '2.0')

    const missing = await infosOf({ 'connector.plugin.version': '[2,3)' })
    const message =
      'Plugin test.GreeterConnector not found that matches the version range [2,3), available versions: [1.9, 1.10]'
    assert.deepEqual(missing.get('connector.plugin.version')?.errors, [message])
    assert.deepEqual(missing.get('connector.class')?.errors, [message])
    assert.deepEqual(missing.get('connector.plugin.version')?.recommended_values, ['1.9', '1.10'])
    assert.ok(!missing.has('transforms.m.type'))

    const without = await infosOf({ 'transforms.m.plugin.version': '9' })
    const transformMessage =
      'Plugin test.Mark not found that matches the version range [9,9], available versions: [1.0, 2.0, 3.0-rc1]'
    assert.deepEqual(without.get('transforms.m.plugin.version')?.errors, [transformMessage])
    assert.deepEqual(without.get('transforms.m.type')?.errors, [transformMessage])
    const key = await infosOf({ 'key.converter': 'Text', 'key.converter.plugin.version': '[1' })
    assert.deepEqual(key.get('key.converter.plugin.version')?.errors, ['Unbounded range: [1'])

    await assert.rejects(herder.put('g', { ...base, 'connector.plugin.version': '7' }), {
      code: 'bad-request',
      message: /available versions: \[1\.9, 1\.10\]/,
    })
    await assert.rejects(herder.put('g', { ...base, 'connector.plugin.version': '(1.0)' }), {
      code: 'bad-request',
      message: 'Single version must be surrounded by []: (1.0)',
    })
  })

  it('are described by the API as they are asked for', async () => {
    await using given = await rig()
    await using worker = await given.open({}, undefined, plugins)
    const namesOf = async (version: string | null) =>
      (await worker.herder.pluginConfig('Greeter', version)).map(({ name }) => name)
    assert.ok((await namesOf('1.9')).includes('since-1.9'))
    assert.ok((await namesOf('latest')).includes('since-1.10'))
    assert.ok((await namesOf('(,1.9]')).includes('since-1.9'))
    await assert.rejects(async () => namesOf('5'), { code: 'bad-request', message: /version range \[5,5\]/ })
    await assert.rejects(async () => namesOf('(5)'), {
      code: 'bad-request',
      message: 'Invalid version specification: (5)',
    })
  })
})
