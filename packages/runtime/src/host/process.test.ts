import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hostContract } from '../testing/host-contract.ts'
import { rig, stateOf } from '../testing/rig.ts'
import { until } from '../testing/until.ts'
import { openProcessHost } from './process.ts'

hostContract('a process', openProcessHost, 'process', true)

it('a process whose code forges a message of the runtime’s own fails alone', async () => {
  await using given = await rig()
  await using worker = await given.open({ 'bootstrap.servers': '127.0.0.1:1' }, openProcessHost)
  await worker.herder.put('c', { 'connector.class': 'Words', 'task.isolation': 'process', fault: 'forged' })
  await until(() => stateOf(worker, 'c', 0) === 'FAILED')
  assert.match(worker.herder.taskStatus('c', 0).trace ?? '', /Its code sent the worker a message/)
})
