import { keepCompiledCode } from '../compile-cache.ts'

keepCompiledCode()
const { runCommand } = await import('../run-command.ts')
const { connectDistributed } = await import('../connect-distributed.ts')
await runCommand(connectDistributed)
