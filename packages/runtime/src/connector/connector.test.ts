import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Props } from '@isthmus/sdk'
import type { HostPort } from '../host/inside/host-port.ts'
import { loggerOf } from '../log/log.ts'
import { testPlugins } from '../testing/plugins.ts'
import { until } from '../testing/until.ts'
import { openConnector } from './connector.ts'

function open(config: Props, target: 'STARTED' | 'PAUSED' | 'STOPPED' = 'STARTED') {
  const states: string[] = []
  const lines: string[] = []
  const hostPort = {
    state: (state: string, error?: unknown) =>
      states.push(error === undefined ? state : `${state}: ${error}`),
    version: () => {},
    logger: (name: string) => loggerOf(({ message }) => lines.push(message), name),
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
  return { connector, states, lines }
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

  it('has a signal that aborts after its disposal, of each start anew', async () => {
    const { connector, states, lines } = open({})
    const ends = () => lines.filter((line) => line === 'disposed of' || line === 'the signal aborted')
    await until(() => states.length === 1)
    connector.retarget('PAUSED')
    await until(() => states.length === 2)
    assert.deepEqual(ends(), ['disposed of', 'the signal aborted'])
    connector.retarget('STARTED')
    await until(() => states.length === 3)
    await connector.close()
    assert.deepEqual(ends(), ['disposed of', 'the signal aborted', 'disposed of', 'the signal aborted'])
  })

  it('gives up by its signal what it waits for when its stop is cancelled', async () => {
    const { connector, states, lines } = open({ fault: 'start-hangs' })
    await until(() => lines.includes('the start hangs'))
    const closed = connector.close()
    connector.cancel()
    await closed
    assert.deepEqual(lines.slice(-2), ['the signal aborted', 'disposed of'])
    assert.deepEqual(states, ['RUNNING'])
  })
})
