#!/usr/bin/env node
import { requireNode } from '../commands/node-version.ts'

requireNode()
const { keepCompiledCode } = await import('../commands/compile-cache.ts')
keepCompiledCode()
const { runCommand } = await import('../commands/run-command.ts')
const { connectStandalone } = await import('../commands/connect-standalone.ts')
await runCommand(connectStandalone)
