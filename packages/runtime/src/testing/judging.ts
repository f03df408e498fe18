import { sinkConnector } from '@isthmus/sdk'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { descriptorsOf } from '../plugins/scan.ts'

const KEY = { importance: 'high', doc: 'For tests of validation.' } as const

/** A connector whose own check does what its config says. */
export const Judging = sinkConnector({
  class: 'test.JudgingConnector',
  version: '1',
  config: {
    port: { ...KEY, type: 'int', default: 7 },
    pin: { ...KEY, type: 'password', default: '' },
  },
  validate({ judge, pin }, values, { config, log }) {
    const seen = values.map(({ name, value, errors }) => `${name}=${value}${errors.length > 0 ? '!' : ''}`)
    log.warn(`asked about ${seen.join(' ')} by ${pin}`)
    if (judge === 'throws') throw new Error(`no answer for ${pin}`)
    if (judge === 'answers text') return { port: 'closed' as unknown as readonly string[] }
    return {
      port: [config === null ? 'there is no config' : `port ${config.port + 1} is closed`],
      topics: ['there is none like it'],
      unheard: ['of'],
    }
  },
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  task: () => ({ put() {}, async [Symbol.asyncDispose]() {} }),
})

export const judgingPlugins: readonly PluginDescriptor[] = descriptorsOf(
  { Judging },
  import.meta.url,
  'classpath',
)
