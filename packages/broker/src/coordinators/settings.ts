/** Broker properties that concern the coordinators, in Kafka's names and with Kafka's defaults, but one. */
export interface CoordinatorSettings {
  readonly initialRebalanceDelayMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  readonly maxGroupSize: number
  readonly maxMetadataLength: number
  readonly offsetsRetentionMs: number
  readonly retentionCheckMs: number
  readonly maxTransactionTimeoutMs: number
  readonly transactionalIdExpirationMs: number
}

export function coordinatorSettings(properties: Readonly<Record<string, string>>): CoordinatorSettings {
  function int(name: string, fallback: number, least: number): number {
    const text = properties[name]
    if (text === undefined) return fallback
    const value = Number(text.trim() || Number.NaN)
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(
        `Broker property ${name} must be a whole number of at least ${least}, not '${text}'`,
      )
    return value
  }
  return {
    // Kafka waits three seconds for company; with one node the first member need not wait
    initialRebalanceDelayMs: int('group.initial.rebalance.delay.ms', 0, 0),
    minSessionTimeoutMs: int('group.min.session.timeout.ms', 6_000, 1),
    maxSessionTimeoutMs: int('group.max.session.timeout.ms', 1_800_000, 1),
    maxGroupSize: int('group.max.size', 0x7fffffff, 1),
    maxMetadataLength: int('offset.metadata.max.bytes', 4096, 0),
    offsetsRetentionMs: int('offsets.retention.minutes', 7 * 24 * 60, 1) * 60_000,
    retentionCheckMs: int('offsets.retention.check.interval.ms', 600_000, 1),
    maxTransactionTimeoutMs: int('transaction.max.timeout.ms', 900_000, 1),
    transactionalIdExpirationMs: int('transactional.id.expiration.ms', 604_800_000, 1),
  }
}
