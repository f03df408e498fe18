/** How a request goes wrong. */
export type FaultAction =
  /** The envelope says ERROR; the HTTP status is 400 unless said otherwise. */
  | { readonly kind: 'error'; readonly message: string; readonly status?: number }
  /** An answer that is no envelope, as a proxy before the database gives it, or the database to a stranger: 401, 500, 503. */
  | { readonly kind: 'status'; readonly status: number }
  /** The request is carried out after a while. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection is cut before the request is carried out. */
  | { readonly kind: 'cut' }
  /** The request is carried out, and the connection is cut before the answer. */
  | { readonly kind: 'lose-answer' }
  /** Neither an answer nor an end of the connection: the request is not carried out. */
  | { readonly kind: 'hang' }

export interface Fault {
  /** The endpoint that fails, such as `/insert/records`; all when there is none. */
  readonly endpoint?: string
  /** How many requests go well before; none unless said otherwise. */
  readonly after?: number
  /** How many requests fail then; one unless said otherwise. */
  readonly times?: number
  readonly action: FaultAction
}

/** The faults that requests are still to meet. */
export interface Faults {
  /** Requests that fit meet this fault, earlier faults first. */
  readonly inject: (fault: Fault) => void
  /** Lets go of all faults. */
  readonly clear: () => void
  /** The fault that a request to an endpoint meets now, or null. */
  readonly next: (endpoint: string) => FaultAction | null
}

interface Pending {
  readonly fault: Fault
  after: number
  times: number
}

export function openFaults(): Faults {
  let pending: Pending[] = []
  return {
    inject(fault) {
      pending.push({ fault, after: fault.after ?? 0, times: fault.times ?? 1 })
    },
    clear() {
      pending = []
    },
    next(endpoint) {
      const fitting = pending.filter(
        ({ fault }) => fault.endpoint === undefined || fault.endpoint === endpoint,
      )
      for (const one of fitting) {
        if (one.after > 0) {
          one.after--
          continue
        }
        one.times--
        pending = pending.filter(({ times }) => times > 0)
        return one.fault.action
      }
      return null
    },
  }
}
