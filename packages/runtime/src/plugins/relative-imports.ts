import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Of `import`, `export … from`, a dynamic `import` and `require`, where a path beside the module is named. */
const RELATIVE = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"](\.{1,2}\/[^'"\n]+)['"]/g
/** What a `require` may leave out. */
const LEFT_OUT = ['', '.js', '.cjs', '.json', '.node', '.ts', '/index.js', '/index.ts']

/** The files that the text of a module imports by a path from its own folder, as far as they are there. */
export function relativeImports(file: string, text: string): readonly string[] {
  if (!text.includes('./')) return []
  const found: string[] = []
  for (const [, path = ''] of text.matchAll(RELATIVE)) {
    const target = resolve(dirname(file), path)
    const whole = LEFT_OUT.map((rest) => target + rest).find(isFile)
    if (whole !== undefined) found.push(whole)
  }
  return found
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
