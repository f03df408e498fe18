import { writeSync } from 'node:fs'
import { type ConfigDef, dataError, sourceConnector, sourceRecord, type TransformPlugin } from '@isthmus/sdk'

const TEXT = { type: 'string', default: '', importance: 'high', doc: 'Any text.' } as const
const PASSWORD = { type: 'password', default: null, importance: 'high', doc: 'A secret.' } as const
const config = { url: TEXT, pin: PASSWORD, key: TEXT, fault: TEXT, topic: TEXT } as const satisfies ConfigDef

/** Tells all that it knows wherever it can; the worker is to keep it to itself. */
export const LeakySource = sourceConnector({
  class: 'test.LeakySource',
  taskClass: 'test.LeakyTask',
  version: '1',
  config,
  validate(props) {
    return props['fault'] === 'validate' ? { url: [`${props['url']} with ${props['pin']} is wrong`] } : {}
  },
  connector({ raw, fault }, { log, raiseError }) {
    const all = JSON.stringify(raw)
    log.debug(`configured with ${all}`)
    log.warn('about to start', new Error(all))
    if (fault === 'connector') throw new Error(`no such database: ${all}`, { cause: new Error(all) })
    if (fault === 'raise') setImmediate(() => raiseError(new Error(all)))
    return {
      taskConfigs() {
        if (fault === 'configs') throw new Error(`cannot configure with ${all}`)
        return [{ ...raw, copied: `${raw['url']}#${raw['pin']}` }]
      },
    }
  },
  task({ raw, fault, topic, key }, { log }) {
    const all = JSON.stringify(raw)
    log.info(`opened with ${all}`)
    if (fault === 'task') throw new Error(`cannot log in with ${all}`)
    let polls = 0
    return {
      async poll(signal) {
        if (fault === 'poll') throw new Error(`lost the connection of ${all}`, { cause: all })
        if (fault === 'uncaught') setImmediate(() => Promise.reject(new Error(`nobody catches ${all}`)))
        if (fault === 'printed') print(all)
        if (fault === 'thrown') throw { message: `threw ${all}` }
        if (fault === 'timer')
          setTimeout(() => {
            throw `text of ${all}`
          }, 0)
        if (polls++ === 0 && topic !== '')
          return [sourceRecord({ topic, value: key, sourcePartition: {}, sourceOffset: { polls } })]
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve()
          else signal.addEventListener('abort', () => resolve(), { once: true })
        })
        return null
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})

/** Wherever a program prints, and in other forms: what the log shows of it begins with `printed by`. */
function print(all: string): void {
  const base64 = Buffer.from(`x:${all}`).toString('base64')
  for (const [i, text] of [all, base64, encodeURIComponent(all)].entries()) {
    console.log(`printed by console.log ${i}: ${text}`)
    console.error(`printed by console.error ${i}:`, new Error(text))
    process.stdout.write(`printed by stdout ${i}: ${text}\n`)
    writeSync(2, `printed by descriptor ${i}: ${text}\n`)
    process.emitWarning(`printed by emitWarning ${i}: ${text}`)
  }
}

const rules = { salt: PASSWORD } as const satisfies ConfigDef

export const LeakyTransform: TransformPlugin<typeof rules> = {
  type: 'transformation',
  class: 'test.LeakyTransform',
  version: null,
  config: rules,
  open: ({ salt }) => ({
    apply() {
      throw dataError(`cannot hash with ${salt?.reveal()}`)
    },
  }),
}
