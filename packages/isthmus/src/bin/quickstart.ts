import { requireNode } from '../commands/node-version.ts'

requireNode()
const { keepCompiledCode } = await import('../commands/compile-cache.ts')
keepCompiledCode()
const { runCommand } = await import('../commands/run-command.ts')
const { quickstart } = await import('../quickstart/quickstart.ts')
await runCommand(quickstart)
