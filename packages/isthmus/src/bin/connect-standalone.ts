import { keepCompiledCode } from '../compile-cache.ts'

keepCompiledCode()
const { runCommand } = await import('../run-command.ts')
const { connectStandalone } = await import('../connect-standalone.ts')
await runCommand(connectStandalone)
