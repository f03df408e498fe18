import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigInfo, ConfigPatch, ConnectorOffset, ConnectorStateInfo, OffsetMap } from './data.ts'
import { schemas } from './schemas.ts'

/** Compiles only when the two are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : { differs: [A, B] }
const same = <_ extends true>(): void => {}

test('types say what the schemas say', () => {
  same<
    Same<
      ConnectorStateInfo['tasks'][number],
      {
        readonly id: number
        readonly state: 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING'
        readonly worker_id: string
        readonly version?: string | null
        readonly trace?: string
      }
    >
  >()
  same<Same<ConfigPatch, { readonly [name: string]: string | null }>>()
  same<Same<OffsetMap, { readonly [name: string]: unknown }>>()
  same<Same<ConnectorOffset, { readonly partition: OffsetMap | null; readonly offset: OffsetMap | null }>>()
  same<Same<ConfigInfo['value']['recommended_values'], readonly (string | null)[]>>()
  same<Same<Extract<ConfigInfo['definition'], null>, null>>()
})

test('what may be absent is not required', () => {
  assert.deepEqual(schemas.TaskState.required, ['id', 'state', 'worker_id'])
  assert.deepEqual(schemas.CreateConnectorRequest.required, ['name', 'config'])
  assert.deepEqual(schemas.ExpandedConnectors.additionalProperties.required, [])
})
