import { keepCompiledCode } from '../commands/compile-cache.ts'

keepCompiledCode()
const { runCommand } = await import('../commands/run-command.ts')
const { quickstart } = await import('../quickstart/quickstart.ts')
await runCommand(quickstart)
