/** What of a connector is to restart (KIP-745). */
export interface RestartRequest {
  readonly connector: string
  readonly includeTasks: boolean
  readonly onlyFailed: boolean
}

/** How often each of the four forms of a request came: whoever looks rarely misses none for another that came after it. */
export type RestartCounts = readonly number[]

export const NO_RESTARTS: RestartCounts = [0, 0, 0, 0]

export function counting(counts: RestartCounts, request: RestartRequest): RestartCounts {
  const form = formOf(request)
  return counts.with(form, (counts[form] ?? 0) + 1)
}

/** Of each form that came since there were `before` of it, one request. */
export function requestsSince(
  before: RestartCounts,
  after: RestartCounts,
  connector: string,
): readonly RestartRequest[] {
  return after.flatMap((count, form) =>
    count > (before[form] ?? 0)
      ? [{ connector, includeTasks: (form & 1) > 0, onlyFailed: (form & 2) > 0 }]
      : [],
  )
}

const formOf = ({ includeTasks, onlyFailed }: RestartRequest): number =>
  (includeTasks ? 1 : 0) + (onlyFailed ? 2 : 0)
