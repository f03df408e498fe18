import type { Herder } from '@isthmus/runtime'
import { codeOf, type Props } from '@isthmus/sdk'
import { explain } from '../commands/explain.ts'
import { withClasses } from './author-errors.ts'
import type { ConfigFiles, NamedFile } from './config-files.ts'
import type { Screen } from './screen.ts'

/** Makes the connectors of a worker those that files ask for. Only what has changed is told and done. */
export interface Connectors {
  /** One call at a time. */
  follow(files: ConfigFiles): Promise<void>
  /** Starts what runs anew, and tries again what was refused. */
  restart(): Promise<void>
  readonly names: () => readonly string[]
  /** One line for each connector that runs and whose class is not there any more. */
  lostWith(removed: string): readonly string[]
}

/** As it was last asked for, and whether the worker refused it. */
interface Asked {
  readonly file: NamedFile
  readonly refused: boolean
}

export function openConnectors(herder: Herder, screen: Screen): Connectors {
  const asked = new Map<string, Asked>()
  let faults: ReadonlySet<string> = new Set()

  const isThere = (name: string): boolean => herder.connectors().includes(name)
  const put = async (file: NamedFile): Promise<void> => {
    const { name, config, initialState, path } = file
    try {
      const { created } = await herder.put(name, config, { initialState: initialState ?? 'STARTED' })
      asked.set(name, { file, refused: false })
      screen.say(
        created ? `${name} is started (${path})` : `${name} is started with its new configuration (${path})`,
      )
    } catch (error) {
      const refused = codeOf(error) === 'bad-request'
      asked.set(name, { file, refused })
      // one that was taken and cannot start has said so in the log
      if (!refused && isThere(name)) return
      screen.fault(`${path}: ${refusal(error)}${isThere(name) ? '\nIt goes on as it was.' : ''}`)
    }
  }
  const remove = async (name: string): Promise<void> => {
    const path = asked.get(name)?.file.path
    asked.delete(name)
    if (!isThere(name)) return
    await herder.delete(name)
    screen.say(`${name} is deleted: ${path} has gone. Its offsets are kept.`)
  }
  return {
    names: () => [...asked.keys()],
    lostWith: (removed) =>
      [...asked.values()]
        .filter(({ file: { name, config } }) => isThere(name) && usesClass(config, removed, herder))
        .map(({ file: { name, path } }) => `${removed} is not there any more; ${name} runs it (${path}).`),
    async follow({ connectors, faults: found }) {
      for (const fault of found) if (!faults.has(fault)) screen.fault(fault)
      faults = new Set(found)
      for (const name of [...asked.keys()]) if (!connectors.has(name)) await remove(name)
      for (const file of connectors.values()) if (!sameFile(asked.get(file.name)?.file, file)) await put(file)
    },
    async restart() {
      for (const { file, refused } of [...asked.values()]) {
        // what the old code had against it, the new one may not have
        if (refused || !isThere(file.name)) await put(file)
        if (isThere(file.name) && (!refused || asked.get(file.name)?.refused === true))
          await herder.restartWith(file.name, { includeTasks: true, onlyFailed: false })
      }
    },
  }
}

/** Whether a configuration names a class that only the plugin had which has gone. */
const usesClass = (config: Props, removed: string, herder: Herder): boolean =>
  !herder.plugins().some(({ class: name }) => name === removed) &&
  Object.entries(config).some(
    ([name, value]) => CLASS_PROPERTY.test(name) && [removed, ...aliasesOf(removed)].includes(value),
  )
const CLASS_PROPERTY = /(^|\.)(class|type|converter)$/
const aliasesOf = (name: string): readonly string[] => {
  const simple = name.slice(name.lastIndexOf('.') + 1)
  return [simple, simple.replace(/(Connector|Converter|Transformation|Predicate)$/, '')]
}

const sameFile = (a: NamedFile | undefined, b: NamedFile): boolean =>
  JSON.stringify([a?.config, a?.initialState]) === JSON.stringify([b.config, b.initialState])

/** What a validation says, without its head and its hint. */
const refusal = (error: unknown): string =>
  withClasses(explain(error))
    .replace(/^Connector configuration is invalid and contains the following \d+ error\(s\):\n/, '')
    .replace(/\nYou can also find the above list of errors at the endpoint .*$/, '')
