/** `node scripts/plugins.ts`: writes what plugins our packages have, so that a worker's start need not import them to know. */
import { writePluginIndex } from '@isthmus/runtime/plugin-index'

for (const name of ['builtin', 'formats', 'connector-s3', 'connector-kinetica'])
  console.log(`${name}: ${await writePluginIndex(import.meta.resolve(`@isthmus/${name}`))} plugins`)
