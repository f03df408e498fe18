/** What a consumer group had committed in the partition of a backup. */
export interface BackedUpGroup {
  readonly group: string
  /** Of the next record it would have read there. */
  readonly offset: number
}

/** Offsets of groups in the restored topic, by group; null: the record that says it is on its way to Kafka. */
export type TranslatedOffsets = ReadonlyMap<string, number | null>

/**
 * Translates what groups had committed in one partition of a backup to the restored one: the offset that the first record at or behind it
 * gets there; for a group that is behind all records, the end. What is translated and not yet committed goes into the stored offset of each
 * record, so that a task that starts again knows it.
 */
export class GroupTracker {
  /** By offset. */
  readonly #waiting: BackedUpGroup[]
  /** Of which groups the record decides that is on its way. */
  readonly #onTheirWay = new Map<string, BackedUpGroup>()
  readonly #translated: Map<string, number>
  #state: string | null = null

  constructor(waiting: readonly BackedUpGroup[], translated: ReadonlyMap<string, number>) {
    this.#waiting = [...waiting].sort((one, other) => one.offset - other.offset)
    this.#translated = new Map(translated)
    this.#changed()
  }

  /** Whether there are groups whose offsets are not decided. */
  get waiting(): boolean {
    return this.#waiting.length > 0
  }

  /** The record is to be handed out, `last` the last one of the backup; answers with the groups it decides of, null: none. The others wait on. */
  decide(offset: number, last: boolean): readonly BackedUpGroup[] | null {
    const count = last ? this.#waiting.length : this.#waiting.findIndex((one) => one.offset > offset)
    if (count === 0) return null
    const decided = this.#waiting.splice(0, count === -1 ? this.#waiting.length : count)
    for (const one of decided) this.#onTheirWay.set(one.group, one)
    this.#changed()
    return decided
  }

  /** Kafka has the record that decides, with the offset `at`; null: it was dropped, and the next one decides. */
  decided(groups: readonly BackedUpGroup[], offset: number, at: number | null): void {
    for (const one of groups) {
      this.#onTheirWay.delete(one.group)
      if (at !== null) this.#translated.set(one.group, one.offset <= offset ? at : at + 1)
      // the end moves when the backup goes on
      if (at === null || one.offset > offset) this.#waiting.push(one)
    }
    this.#waiting.sort((one, other) => one.offset - other.offset)
    this.#changed()
  }

  /** What the record that decides has become cannot be told: these groups are given up. */
  abandon(groups: readonly BackedUpGroup[]): void {
    for (const { group } of groups) this.#onTheirWay.delete(group)
    this.#changed()
  }

  /** What is to be committed. */
  get translated(): ReadonlyMap<string, number> {
    return this.#translated
  }

  /** It is committed, unless another offset has taken its place in the meantime. */
  committed(group: string, offset: number): void {
    if (this.#translated.get(group) !== offset) return
    this.#translated.delete(group)
    this.#changed()
  }

  /** For the stored offset of a record; null: nothing to keep. */
  get state(): string | null {
    return this.#state
  }

  #changed(): void {
    const state: [string, number | null][] = [
      ...this.#translated,
      ...[...this.#onTheirWay.keys()].map((group): [string, null] => [group, null]),
    ]
    this.#state = state.length === 0 ? null : JSON.stringify(Object.fromEntries(state))
  }
}

/** What `state` was; of a text that is none, nothing. */
export function translatedOf(state: unknown): TranslatedOffsets {
  const offsets = new Map<string, number | null>()
  if (typeof state !== 'string') return offsets
  for (const [group, offset] of Object.entries(parsedObject(state) ?? {}))
    if (offset === null || (Number.isSafeInteger(offset) && (offset as number) >= 0))
      offsets.set(group, offset as number | null)
  return offsets
}

export interface Resumption {
  readonly tracker: GroupTracker
  /** Where the partition goes on from, lower than where it stood where a record has to come again to decide. */
  readonly last: number
  /** Groups of which the record that decides is behind, without a trace of what became of it. */
  readonly lost: readonly string[]
}

/** A partition goes on behind `last`; `state` was stored there, and `committed` is what groups have in the restored partition. */
export function resume(
  groups: readonly BackedUpGroup[],
  last: number,
  state: TranslatedOffsets,
  committed: ReadonlyMap<string, number>,
): Resumption {
  const translated = new Map([...state].filter((entry): entry is [string, number] => entry[1] !== null))
  const waiting: BackedUpGroup[] = []
  const lost: string[] = []
  let from = last
  for (const one of groups) {
    const known = state.get(one.group)
    const comesAgain = known === null && !committed.has(one.group)
    if (comesAgain) from = Math.min(from, Math.min(one.offset, last) - 1)
    if (comesAgain || one.offset > last) waiting.push(one)
    else if (known === undefined && !committed.has(one.group)) lost.push(one.group)
  }
  return { tracker: new GroupTracker(waiting, translated), last: Math.max(-1, from), lost }
}

/** Counts the records that the backup had seen, in the same place as the groups. */
const RECORD_COUNT = 'Sink_TP_TotalRecords'

/** The groups of a `consumers_offset` object; null for a text that is none. */
export function groupsOf(json: string): readonly BackedUpGroup[] | null {
  const parsed = parsedObject(json)
  if (parsed === null) return null
  return Object.entries(parsed).flatMap(([group, offset]) =>
    group !== RECORD_COUNT && Number.isSafeInteger(offset) && (offset as number) >= 0
      ? [{ group, offset: offset as number }]
      : [],
  )
}

function parsedObject(json: string): { readonly [name: string]: unknown } | null {
  try {
    const parsed: unknown = JSON.parse(json)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null
  } catch {
    return null
  }
}
