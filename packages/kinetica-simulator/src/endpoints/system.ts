import type { Endpoint, Options } from './endpoint.ts'

export const showSystemStatus: Endpoint<unknown> = () => ({
  status_map: {
    system: JSON.stringify({ status: 'running', cluster_leader: 'true' }),
    ha_status: JSON.stringify({ drained: 'drained' }),
  },
  info: {},
})

export const showSystemProperties: Endpoint<{ readonly options: Options }> = (
  { properties },
  { options },
) => {
  const wanted = options['properties']?.split(',').map((name) => name.trim())
  const all = Object.entries(properties())
  return {
    property_map: Object.fromEntries(all.filter(([name]) => wanted === undefined || wanted.includes(name))),
    info: {},
  }
}
