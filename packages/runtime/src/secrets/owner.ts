import { AsyncLocalStorage } from 'node:async_hooks'
import type { Hidden } from './hiding.ts'

/**
 * Whose code is running. Threads may be shared, and what plugins print and what must not be shown belongs to one instance: it is
 * known here, through every callback, without being handed on.
 */
export interface Owner {
  /** Of its log lines: `[orders|task-0]`. */
  readonly context: string
  /** What it knows that no text may show, with what is shown instead. */
  readonly secrets: Map<string, Hidden[1]>
}

const running = new AsyncLocalStorage<Owner>()

/** What is known before any instance runs, and what nobody in particular has called. */
const nobody: Owner = { context: '', secrets: new Map() }

export const owner = (): Owner => running.getStore() ?? nobody

export const openOwner = (context: string): Owner => ({ context, secrets: new Map() })

export const runAs = <T>(one: Owner, run: () => T): T => running.run(one, run)
