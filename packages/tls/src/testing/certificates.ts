import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The path of a file below `certificates`, whose README says what there is. */
export const certificateFile = (name: string): string =>
  fileURLToPath(new URL(`certificates/${name}`, import.meta.url))

/** The text of such a file, in PEM. */
export const certificate = (name: string): string => readFileSync(certificateFile(name), 'utf8')

/** Of every store and of every key that is encrypted. */
export const PASSWORD = 'isthmus-test'
