import { quickstart } from '../quickstart/quickstart.ts'

process.exitCode = await quickstart(process.argv.slice(2))
