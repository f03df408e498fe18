import { keepCompiledCode } from '../commands/compile-cache.ts'

keepCompiledCode()
const { runCommand } = await import('../commands/run-command.ts')
const { connectStandalone } = await import('../commands/connect-standalone.ts')
await runCommand(connectStandalone)
