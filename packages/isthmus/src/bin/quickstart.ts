import { keepCompiledCode } from '../compile-cache.ts'

keepCompiledCode()
const { quickstart } = await import('../quickstart/quickstart.ts')
process.exitCode = await quickstart(process.argv.slice(2))
