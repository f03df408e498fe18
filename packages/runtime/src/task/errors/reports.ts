import type { Logger } from '../../log/log.ts'
import type { TaskParts } from '../parts.ts'
import type { DeadLetterQueue } from './dead-letter.ts'
import { type Describe, errorLog, whereIn } from './error-log.ts'
import { type Failure, openTolerance, type Tolerance, type TolerancePolicy } from './tolerance.ts'

/** The tolerance of a task with its reporters: the error log and the dead letter queue. */
export interface Reports<O> {
  readonly tolerance: Tolerance<O>
  /** Whether failures are told anywhere at all. */
  readonly reporting: boolean
  /** Work that offsets have to wait for, as for dead letters under way. */
  hold<T>(work: Promise<T>): Promise<T>
  /** Settles when the dead letter queue takes more again; undefined: it does. Never rejects. */
  room(): Promise<void> | undefined
  /** As `tolerance.judge`; settles when the report is safe. */
  judged(failure: Failure<O>): Promise<void>
  /** Offsets are not committed before the dead letters of their records are safe (invariant 6). */
  settled(): Promise<void>
}

type ReportConfig = TolerancePolicy & {
  readonly 'errors.log.enable': boolean
  readonly 'errors.log.include.messages': boolean
}

export function openReports<O>(
  { spec, hostPort, control, context, log }: TaskParts & { readonly log: Logger },
  config: ReportConfig,
  describe: Describe<O>,
  deadLetters: DeadLetterQueue<O> | null,
): Reports<O> {
  const pending = new Set<Promise<unknown>>()
  let last: Promise<unknown> = Promise.resolve()
  const task = `${spec.connector}-${spec.task}`
  const logged = config['errors.log.enable']
    ? errorLog<O>(
        hostPort.logger('org.apache.kafka.connect.runtime.errors.LogReporter', context),
        task,
        config['errors.log.include.messages'] ? describe.whole : null,
        hostPort.meter,
      )
    : null
  const hold = <T>(work: Promise<T>): Promise<T> => {
    const held: Promise<unknown> = work.then(
      () => pending.delete(held),
      () => pending.delete(held),
    )
    pending.add(held)
    return work
  }
  const room = () => deadLetters?.room()
  const report = (failure: Failure<O>) => {
    logged?.(failure)
    if (deadLetters !== null) last = hold(deadLetters.send(failure))
    return room()
  }
  const tolerance = openTolerance<O>({
    policy: config,
    report,
    whereOf: whereIn(task, describe),
    stopping: control.stopped,
    meter: hostPort.meter,
    log,
  })
  return {
    tolerance,
    reporting: logged !== null || deadLetters !== null,
    hold,
    room,
    async judged(failure) {
      tolerance.judge(failure)
      // set by the report that judging made, in the same turn
      await last
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}
