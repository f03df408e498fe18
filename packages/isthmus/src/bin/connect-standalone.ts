import { connectStandalone } from '../connect-standalone.ts'

process.exitCode = await connectStandalone(process.argv.slice(2))
