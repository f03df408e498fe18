#!/usr/bin/env node
import { requireNode } from '../commands/node-version.ts'

requireNode()
const { keepCompiledCode } = await import('../commands/compile-cache.ts')
keepCompiledCode()
const { runCommand } = await import('../commands/run-command.ts')
const { connectDistributed } = await import('../commands/connect-distributed.ts')
await runCommand(connectDistributed)
