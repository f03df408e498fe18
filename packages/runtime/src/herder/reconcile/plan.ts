import type { Desired } from './desired.ts'
import type { Life, Running } from './running.ts'

/** What runs, as far as the plan needs to know. */
export type Planned = Pick<Running, 'desired'> & { readonly life: Pick<Life, 'type'> }

/** The next steps from what runs to what is desired: an instance starts when the one it replaces is gone, in a later plan. */
export interface Plan {
  readonly stop: readonly string[]
  readonly retarget: readonly Desired[]
  readonly start: readonly Desired[]
}

export function plan(
  desired: ReadonlyMap<string, Desired>,
  running: ReadonlyMap<string, Planned>,
  startable: boolean,
): Plan {
  const stop: string[] = []
  const retarget: Desired[] = []
  const start: Desired[] = []
  for (const [key, { desired: had, life }] of running) {
    if (life.type === 'stopping') continue
    const wanted = desired.get(key)
    if (wanted === undefined || wanted.version !== had.version) stop.push(key)
    else if (wanted.target !== had.target) retarget.push(wanted)
  }
  for (const wanted of startable ? desired.values() : []) if (!running.has(wanted.key)) start.push(wanted)
  return { stop, retarget, start }
}
