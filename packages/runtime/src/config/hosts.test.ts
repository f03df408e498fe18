import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { validateConnector } from '../checks/validate.ts'
import { patientAsker } from '../testing/asker.ts'
import { testPlugins } from '../testing/plugins.ts'
import { parseOwnHosts } from './hosts.ts'
import { parseStandalone } from './worker.ts'

const worker = {
  props: { 'key.converter': 'Text', 'value.converter': 'Text' },
  clusterId: null,
  plugins: testPlugins,
}
const saidOf = async (given: { readonly [name: string]: string }) => {
  const infos = await validateConnector(
    { name: 'c', 'connector.class': 'Words', ...given },
    worker,
    patientAsker,
  )
  const said = infos.configs.filter(({ value }) => Object.hasOwn(given, value.name))
  return {
    errors: infos.error_count,
    said: said.map(({ definition, value }) => [value.name, definition?.type, ...value.errors]),
  }
}

describe('the properties of a connector that choose its threads', () => {
  it('are validated with bounds within which no thread ends its worker', async () => {
    const memory = 'Invalid value'
    for (const [name, value, why] of [
      [
        'task.memory.max.mb',
        '1',
        `${memory} 1 for configuration task.memory.max.mb: Value must be at least 16`,
      ],
      [
        'task.memory.max.mb',
        '-1',
        `${memory} -1 for configuration task.memory.max.mb: Value must be at least 16`,
      ],
      [
        'task.memory.max.mb',
        'abc',
        `${memory} abc for configuration task.memory.max.mb: Not a number of type INT`,
      ],
      [
        'task.memory.max.mb',
        '99999999999',
        `${memory} 99999999999 for configuration task.memory.max.mb: Not a number of type INT`,
      ],
      [
        'task.memory.max.mb',
        '1048577',
        `${memory} 1048577 for configuration task.memory.max.mb: Value must be no more than 1048576`,
      ],
      ['task.threads', '0', `${memory} 0 for configuration task.threads: Value must be at least 1`],
      ['task.threads', '257', `${memory} 257 for configuration task.threads: Value must be no more than 256`],
    ] as const) {
      assert.deepEqual(await saidOf({ [name]: value }), { errors: 1, said: [[name, 'INT', why]] })
      assert.throws(() => parseOwnHosts({ [name]: value }), { code: 'config', message: why })
    }
  })

  it('are shown where they are set, and only there', async () => {
    assert.deepEqual(await saidOf({ 'task.memory.max.mb': '64', 'task.threads': ' 2 ' }), {
      errors: 0,
      said: [
        ['task.threads', 'INT'],
        ['task.memory.max.mb', 'INT'],
      ],
    })
    const { configs } = await validateConnector(
      { name: 'c', 'connector.class': 'Words' },
      worker,
      patientAsker,
    )
    assert.deepEqual(
      configs.filter(({ value }) => value.name.startsWith('task.')),
      [],
    )
  })

  it('have the same bounds in the file of a worker', () => {
    const least = { 'bootstrap.servers': 'a:1', 'key.converter': 'J', 'value.converter': 'J' }
    for (const wrong of [{ 'task.memory.max.mb': '1' }, { 'task.threads': '0' }])
      assert.throws(() => parseStandalone({ ...least, 'offset.storage.file.filename': 'o', ...wrong }), {
        message: /Value must be at least/,
      })
  })
})
