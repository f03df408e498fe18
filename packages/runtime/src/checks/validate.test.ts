import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judgingPlugins } from '../testing/judging.ts'
import { testPlugins } from '../testing/plugins.ts'
import { rig } from '../testing/rig.ts'

/** Has a worker validate a config, and answers with its errors and what was logged. */
async function judged(config: { readonly [name: string]: string }) {
  await using given = await rig()
  await using worker = await given.open({}, undefined, [...testPlugins, ...judgingPlugins])
  const props = { name: 'c', 'connector.class': 'Judging', topics: 't', pin: 'melon soup', ...config }
  try {
    const { configs } = await worker.herder.validate(props)
    const errors = configs.flatMap(({ value }) =>
      value.errors.length > 0 ? [[value.name, value.errors] as const] : [],
    )
    return { errors: Object.fromEntries(errors), lines: given.lines }
  } catch (error) {
    return { error: error as Error & { readonly code: string }, lines: given.lines }
  }
}

describe('the check that a connector adds', () => {
  it('knows the config, and speaks of its own properties, those of the worker and any other', async () => {
    const { errors, lines } = await judged({ port: '9' })
    assert.deepEqual(errors, {
      port: ['port 10 is closed'],
      topics: ['there is none like it'],
      unheard: ['of'],
    })
    const line = lines.find(({ message }) => message.startsWith('asked'))
    assert.equal(line?.message, 'asked about port=9 pin=[hidden] by [hidden]')
    assert.deepEqual([line?.context, line?.logger], ['[c|worker]', 'test.JudgingConnector'])
  })

  it('speaks under the name of the connector, unless no connector can have it', async () => {
    const { lines } = await judged({ name: 'c|worker] all is well\n[x' })
    const line = lines.find(({ message }) => message.startsWith('asked'))
    assert.match(line?.context ?? '', /^\[[\w .]+\|worker\]$/)
  })

  it('is asked as well where the definition finds something wrong, and has no config then', async () => {
    const { errors, lines } = await judged({ port: 'nine' })
    assert.deepEqual(errors?.['port'], [
      'Invalid value nine for configuration port: Not a number of type INT',
      'there is no config',
    ])
    assert.ok(lines.some(({ message }) => message.startsWith('asked about port=null! pin=[hidden]')))
  })

  it('fails the request by what it throws, without its passwords, and by an answer that is none', async () => {
    const thrown = await judged({ judge: 'throws' })
    assert.equal(thrown.error?.message, 'no answer for [hidden]')
    const text = await judged({ judge: 'answers text' })
    assert.equal(text.error?.code, 'plugin')
    assert.match(text.error?.message ?? '', /test\.JudgingConnector answers for 'port' with what is no list/)
  })
})
