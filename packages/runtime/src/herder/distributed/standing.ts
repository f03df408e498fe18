import type { ConfigStore } from '../../store/stores.ts'
import type { Share } from '../reconcile/desired.ts'
import { agreedSnapshot, firstState, type GroupState, heldPlacement, lastPlacement } from './phase.ts'
import { openComparison, type Placement, sameWork, shareOf } from './placement.ts'

/** Where a worker stands in its group, for all parts of it to go by; what changes it is the loop of the group, and its claim. */
export interface Standing {
  state(): GroupState
  become(state: GroupState): void
  /** What this worker is to run: nothing before it is a member, and nothing starts before the group agrees on what is configured now. */
  share(): Share
  /** Of what it holds, or held last; -1 before the first round. */
  generation(): number
  /** Null before the first round, and while it may run nothing. */
  placement(): Placement | null
  /** It goes by its assignment, no round is due, and nothing that is to run has changed since. */
  isSteady(): boolean
}

export function openStanding(configs: Pick<ConfigStore, 'snapshot'>): Standing {
  let state = firstState(configs.snapshot())
  const stillAgreed = openComparison(sameWork)
  const isAgreed = () => {
    const agreed = agreedSnapshot(state.phase)
    return agreed !== null && stillAgreed(agreed, configs.snapshot())
  }
  return {
    state: () => state,
    become(next) {
      state = next
    },
    share: () => shareOf(heldPlacement(state.phase), isAgreed()),
    generation: () => lastPlacement(state.phase)?.generation ?? -1,
    placement: () => heldPlacement(state.phase),
    isSteady: () => state.phase.type === 'working' && isAgreed(),
  }
}
