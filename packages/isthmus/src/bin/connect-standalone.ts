import { keepCompiledCode } from '../compile-cache.ts'

keepCompiledCode()
const { connectStandalone } = await import('../connect-standalone.ts')
process.exitCode = await connectStandalone(process.argv.slice(2))
