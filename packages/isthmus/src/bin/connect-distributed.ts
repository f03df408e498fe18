import { keepCompiledCode } from '../compile-cache.ts'

keepCompiledCode()
const { connectDistributed } = await import('../connect-distributed.ts')
process.exitCode = await connectDistributed(process.argv.slice(2))
