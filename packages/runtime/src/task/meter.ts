/** Of the errors of a task, by the attributes of Kafka's `task-error-metrics`; the time of the last error is that of its count. */
export type ErrorCount =
  | 'total-record-failures'
  | 'total-record-errors'
  | 'total-records-skipped'
  | 'total-retries'
  | 'total-errors-logged'
  | 'deadletterqueue-produce-requests'
  | 'deadletterqueue-produce-failures'

/**
 * What a task says of its work: Kafka Connect's `connector-task-metrics`, `source-task-metrics`, `sink-task-metrics` and
 * `task-error-metrics` are made of it. The loops call it in the task's thread, once for a batch or a commit and never for a record that
 * goes through; only what fails is counted one by one. It must neither throw nor wait.
 */
export interface Meter {
  /** Source: a poll returned so many records after so long. */
  polled(records: number, ms: number): void
  /** Source: the brokers have acknowledged so many records more, and `pending` are still with the producer. */
  written(records: number, pending: number): void
  /** Sink: so many records were fetched; what becomes of them follows. */
  read(records: number): void
  /** Sink: the task took so many records, which converters and transforms left over, in so long. */
  put(records: number, ms: number): void
  /** Sink: the task has so many partitions, and so many records of them are read and not committed. */
  assigned(partitions: number, uncommitted: number): void
  /** Offsets: of a source they are stored, of a sink committed. `skip`: the answer came after its time, or after that of a later commit. */
  committed(outcome: 'success' | 'failure' | 'skip', ms: number): void
  error(count: ErrorCount): void
}

/** Where nobody asks. */
export const noMeter: Meter = {
  polled() {},
  written() {},
  read() {},
  put() {},
  assigned() {},
  committed() {},
  error() {},
}
