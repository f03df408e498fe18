import { descriptorsOf } from '@isthmus/runtime/testing'
import { sourceConnector } from '@isthmus/sdk'

/** Tasks that run now, by name, with those that ran at the same time as another of their name. Workers of a test share this process. */
export const running = new Set<string>()
export const twice: string[] = []
/** Starts so far, by task. */
export const starts = new Map<string, number>()

/** Its tasks do nothing but say that they run. */
export const Present = sourceConnector({
  class: 'test.PresentConnector',
  taskClass: 'test.PresentTask',
  version: '1',
  config: {
    tasks: { type: 'int', default: 1, importance: 'high', doc: 'How many.' },
    note: { type: 'string', default: '', importance: 'high', doc: 'Anything, to make task configs differ.' },
    fault: { type: 'string', default: '', importance: 'high', doc: 'Where to fail.' },
  },
  connector({ raw, tasks, fault }) {
    if (fault === 'start') throw new Error('no start today')
    return {
      taskConfigs: (max) =>
        Array.from({ length: Math.min(max, tasks) }, (_, i) => ({ ...raw, part: `${i}` })),
    }
  },
  task({ raw, fault }) {
    const name = `${raw['name']}-${raw['part']}`
    if (running.has(name)) twice.push(name)
    running.add(name)
    starts.set(name, (starts.get(name) ?? 0) + 1)
    return {
      async poll(signal) {
        if (fault === 'poll') throw new Error('source is gone')
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve()
          else signal.addEventListener('abort', () => resolve(), { once: true })
        })
        return null
      },
      async [Symbol.asyncDispose]() {
        running.delete(name)
      },
    }
  },
})

export const clusterPlugins = descriptorsOf({ Present }, import.meta.url, 'classpath')
