import { keepCompiledCode } from '../compile-cache.ts'

keepCompiledCode()
const { runCommand } = await import('../run-command.ts')
const { quickstart } = await import('../quickstart/quickstart.ts')
await runCommand(quickstart)
