import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Props } from '@isthmus/sdk'
import type { HostPort } from '../host/inside/host-port.ts'
import { loggerOf, silent } from '../log/log.ts'
import { testPlugins } from '../testing/plugins.ts'
import { until } from '../testing/until.ts'
import { openConnector } from './connector.ts'

function open(config: Props, target: 'STARTED' | 'PAUSED' | 'STOPPED' = 'STARTED') {
  const states: string[] = []
  const hostPort = {
    state: (state: string, error?: unknown) =>
      states.push(error === undefined ? state : `${state}: ${error}`),
    version: () => {},
    logger: (name: string) => loggerOf(silent, name),
    reconfigure: () => states.push('reconfigure'),
  } as unknown as HostPort
  const connector = openConnector(
    {
      kind: 'connector',
      connector: 'c',
      connectorConfig: { name: 'c', 'connector.class': 'Words', ...config },
      target,
      worker: { props: {}, clusterId: null, plugins: testPlugins },
    },
    hostPort,
  )
  return { connector, states }
}

describe('a connector instance', () => {
  it('answers every target with its state, also one that leads back', async () => {
    const { connector, states } = open({})
    await until(() => states.length === 1)
    connector.retarget('PAUSED')
    connector.retarget('STARTED')
    await until(() => states.length === 3)
    assert.equal(states.at(-1), 'RUNNING')
    connector.retarget('STOPPED')
    await until(() => states.at(-1) === 'STOPPED')
    await connector.close()
  })

  it('stays failed until it is stopped', async () => {
    const { connector, states } = open({ fault: 'start' })
    await until(() => states.length === 1)
    assert.deepEqual(states, ['FAILED: Error: no start today'])
    connector.retarget('PAUSED')
    connector.retarget('STOPPED')
    await until(() => states.at(-1) === 'STOPPED')
    connector.retarget('STARTED')
    await until(() => states.at(-1) === 'FAILED: Error: no start today')
    await connector.close()
  })

  it('is not started when it is not to run, and has no tasks to offer then', async () => {
    const { connector, states } = open({ fault: 'start' }, 'PAUSED')
    await until(() => states.length === 1)
    assert.deepEqual(states, ['PAUSED'])
    await assert.rejects(connector.taskConfigs({ maxTasks: 1, enforce: true }), { code: 'state' })
    await connector.close()
  })

  it('that fails to stop counts as stopped all the same', async () => {
    const { connector, states } = open({ fault: 'connector-stop' })
    connector.retarget('STOPPED')
    await until(() => states.at(-1) === 'STOPPED')
    await connector.close()
  })
})
