import type { Herder } from '@isthmus/runtime'
import { explain } from '../commands/explain.ts'
import type { ConfigFiles, NamedFile } from './config-files.ts'
import type { Screen } from './screen.ts'

/** Makes the connectors of a worker those that files ask for. Only what has changed is told and done. */
export interface Connectors {
  /** One call at a time. */
  follow(files: ConfigFiles): Promise<void>
  /** Starts what runs anew, and tries again what was refused. */
  restart(): Promise<void>
  readonly names: () => readonly string[]
}

/** As it was last asked for, and whether the worker took it. */
interface Asked {
  readonly file: NamedFile
  readonly taken: boolean
}

export function openConnectors(herder: Herder, screen: Screen): Connectors {
  const asked = new Map<string, Asked>()
  let faults: ReadonlySet<string> = new Set()

  const put = async (file: NamedFile): Promise<void> => {
    const { name, config, initialState, path } = file
    const before = asked.get(name)
    try {
      const { created } = await herder.put(name, config, { initialState: initialState ?? 'STARTED' })
      screen.say(
        created ? `${name} is started (${path})` : `${name} is started with its new configuration (${path})`,
      )
      asked.set(name, { file, taken: true })
    } catch (error) {
      // it may be there all the same, FAILED
      const there = herder.connectors().includes(name)
      asked.set(name, { file, taken: there })
      const goesOn = before?.taken === true && there ? '\nIt goes on as it was.' : ''
      screen.fault(`${path}: ${refusal(error)}${goesOn}`)
    }
  }
  const remove = async (name: string): Promise<void> => {
    const known = asked.get(name)
    asked.delete(name)
    if (known?.taken !== true) return
    await herder.delete(name)
    screen.say(`${name} is deleted: ${known.file.path} has gone. Its offsets are kept.`)
  }
  return {
    names: () => [...asked.keys()],
    async follow({ connectors, faults: found }) {
      for (const fault of found) if (!faults.has(fault)) screen.fault(fault)
      faults = new Set(found)
      for (const name of [...asked.keys()]) if (!connectors.has(name)) await remove(name)
      for (const file of connectors.values()) if (!sameFile(asked.get(file.name)?.file, file)) await put(file)
    },
    async restart() {
      for (const { file, taken } of [...asked.values()]) {
        if (!taken) await put(file)
        else await herder.restartWith(file.name, { includeTasks: true, onlyFailed: false })
      }
    },
  }
}

const sameFile = (a: NamedFile | undefined, b: NamedFile): boolean =>
  JSON.stringify([a?.config, a?.initialState]) === JSON.stringify([b.config, b.initialState])

/** What a validation says, without its head and its hint. */
const refusal = (error: unknown): string =>
  explain(error)
    .replace(/^Connector configuration is invalid and contains the following \d+ error\(s\):\n/, '')
    .replace(/\nYou can also find the above list of errors at the endpoint .*$/, '')
