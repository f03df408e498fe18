import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConnectorFile, parseConnectorFile } from '../commands/connector-file.ts'
import { explain } from '../commands/explain.ts'

/** The connectors that the files of a folder ask for, by their names. */
export interface ConfigFiles {
  readonly connectors: ReadonlyMap<string, NamedFile>
  /** One line for each file that cannot be used. */
  readonly faults: readonly string[]
}
export interface NamedFile extends ConnectorFile {
  /** From the folder. */
  readonly path: string
}

/** Where connectors are configured, from the folder. */
export const CONFIG_FOLDERS: readonly string[] = ['.', 'config']
export const isConfigFile = (name: string): boolean => /\.(properties|json)$/.test(name)

/** Files that name a class: others, such as package.json or a file for a worker, are not about connectors. */
const NAMES_CLASS = /connector\.class/

export async function readConfigFiles(folder: string): Promise<ConfigFiles> {
  const connectors = new Map<string, NamedFile>()
  const faults: string[] = []
  for (const path of await configPaths(folder)) {
    // it may have gone by now, or be a folder
    const bytes = await readFile(join(folder, path)).catch(() => null)
    if (bytes === null || !NAMES_CLASS.test(bytes.toString('latin1'))) continue
    try {
      const file = { ...parseConnectorFile(path, bytes), path }
      const known = connectors.get(file.name)
      if (known === undefined) connectors.set(file.name, file)
      else faults.push(`${path} is left out: the name ${file.name} is that of ${known.path} as well.`)
    } catch (error) {
      faults.push(explain(error))
    }
  }
  return { connectors, faults }
}

async function configPaths(folder: string): Promise<readonly string[]> {
  const paths: string[] = []
  for (const inside of CONFIG_FOLDERS)
    for (const name of (await readdir(join(folder, inside)).catch(() => [])).sort())
      if (isConfigFile(name)) paths.push(join(inside, name))
  return paths
}
