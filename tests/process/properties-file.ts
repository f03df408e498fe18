import { writeFile } from 'node:fs/promises'

/** Writes a .properties file that Java and Isthmus read alike. */
export async function writeProperties(
  path: string,
  props: { readonly [name: string]: string },
): Promise<string> {
  const lines = Object.entries(props).map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
  await writeFile(path, lines.join(''))
  return path
}
