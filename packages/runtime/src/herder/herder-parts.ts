import type { Props } from '@isthmus/sdk'
import type { Checks } from '../checks/checks.ts'
import type { GroupOffsets } from './offsets.ts'
import type { Reconciler } from './reconcile/reconcile.ts'

/** What a herder acts with, on its own or in a group. */
export interface HerderParts {
  readonly reconciler: Reconciler
  readonly checks: Checks
  /** Offsets of a sink's consumer group. */
  readonly groupOffsets: (connector: string, config: Props) => GroupOffsets
}
