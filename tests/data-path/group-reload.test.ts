import assert from 'node:assert/strict'
import { rename, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { descriptorsOf } from '@isthmus/runtime/testing'
import { openGroup } from '../cluster/cluster.ts'
import { starts } from '../cluster/plugins.ts'
import { eventually } from '../process/eventually.ts'
import { openTempDir } from '../process/temp-dir.ts'

const vaultModule = new URL('plugins/leaky/vault.ts', import.meta.url).href

test('a value that changed starts the tasks on every worker of the group anew', async () => {
  await using dir = await openTempDir()
  const vault = dir.at('vault.json')
  const note = async (value: string) => {
    await writeFile(`${vault}.new`, JSON.stringify({ note: value }))
    await rename(`${vault}.new`, vault)
  }
  await note('before')
  await using group = await openGroup(
    2,
    {
      'config.providers': 'vault',
      'config.providers.vault.class': 'test.VaultConfigProvider',
      'config.providers.vault.param.ttl': '200',
    },
    { plugins: descriptorsOf(await import(vaultModule), vaultModule, 'classpath') },
  )
  const name = `reload-${process.pid}`
  const client = group.members[0]!.client
  const tasks = [0, 1, 2, 3].map((task) => `${name}-${task}`)
  await client.put(name, {
    'connector.class': 'test.PresentConnector',
    'tasks.max': '4',
    tasks: '4',
    note: `\${vault:${vault}:note}`,
  })
  await eventually('all tasks run', () => tasks.every((task) => starts.has(task)))
  await eventually('the group has settled', async () =>
    (await client.status(name)).tasks.every(({ state }) => state === 'RUNNING'),
  )
  const workers = new Set((await client.status(name)).tasks.map(({ worker_id }) => worker_id))
  assert.equal(workers.size, 2, 'the tasks are spread')
  const before = new Map(starts)
  await note('after')
  await eventually('every task starts again', () =>
    tasks.every((task) => (starts.get(task) ?? 0) > (before.get(task) ?? 0)),
  )
  await eventually('and runs', async () => {
    const { connector, tasks: all } = await client.status(name)
    return connector.state === 'RUNNING' && all.length === 4 && all.every(({ state }) => state === 'RUNNING')
  })
})
