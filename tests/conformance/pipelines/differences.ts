import type { Outcome, Stored } from './outcome.ts'

/** Where what we make of a pipeline is meant to be other than what Java makes of it. */
export interface Difference {
  readonly reason: string
  readonly applies: (java: Outcome) => boolean
  /** Java's outcome as ours has to be. */
  readonly ours: (java: Outcome, ours: Outcome) => Outcome
}

const header = (record: Stored, name: string): string | null | undefined =>
  record.headers?.find(([key]) => key === `__connect.errors.${name}`)?.[1]
const named = (name: string) => (java: Outcome) => java.name === name

/** Every record is a dead letter of the value converter. */
const allRefused = (java: Outcome, ours: Outcome): Outcome => {
  const { records } = ours
  const refused = records.every(
    (record) =>
      header(record, 'stage') === 'VALUE_CONVERTER' &&
      header(record, 'exception.class.name') === 'org.apache.kafka.connect.errors.DataException',
  )
  const count = (java.file ?? '').split('\n').length - 1 + java.records.length
  return refused && records.length === count ? { ...java, file: '', records } : java
}

const OURS: ReadonlyMap<string, string> = new Map([
  ['extract-bad-missing', 'org.apache.kafka.connect.errors.DataException: Unknown field: nope'],
  ['header-from-bad-missing', 'org.apache.kafka.connect.errors.DataException: Field does not exist: nope'],
  ['route-time-refused', "org.apache.kafka.common.config.ConfigException: Illegal pattern character 'f'"],
])

const EXCEEDED = 'org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler'
/** What it goes on with here: the operation and the record, and the field where it is known. */
const WHERE =
  /^: stage '[A-Z_]+' with class '[\w.$]+' failed in task \S+-\d+ for the (source|consumed) record .+(, partition \d+, offset \d+| at offset \{.*\})(, at field '.+')?\.$/

/** All that apply count, in this order. */
export const differences: readonly Difference[] = [
  {
    reason: 'the exception that ends a task says which record it was',
    applies: (java) => java.errors?.[0] === EXCEEDED,
    ours(java, { errors: [told = ''] = [] }) {
      const rest = java.errors?.slice(1) ?? []
      return told.startsWith(EXCEEDED) && WHERE.test(told.slice(EXCEEDED.length))
        ? { ...java, errors: [told, ...rest] }
        : java
    },
  },
  {
    reason: 'JSON that does not fit its schema is bad data; Java makes it 0, false, null or its low bits',
    applies: (java) => ['misfit-numbers', 'misfit-others'].includes(java.name),
    ours: allRefused,
  },
  {
    reason: 'whole numbers without a schema that do not fit 64 bits are bad data; Java wraps them',
    applies: named('misfit-beyond-64-bits'),
    ours: allRefused,
  },
  {
    reason: 'NaN and the infinities read back as they were written; Java reads 0',
    applies: named('misfit-not-a-number'),
    ours: (java) => ({ ...java, file: 'NaN\n-Infinity\n' }),
  },
  {
    reason: 'a field without a name is a DataException; Java names its subclass',
    applies: (java) => JSON.stringify(java.records).includes('SchemaBuilderException'),
    ours: (java) =>
      JSON.parse(JSON.stringify(java).replaceAll('SchemaBuilderException', 'DataException')) as Outcome,
  },
  {
    reason: 'floating point numbers print the shortest digits, as JDK 19 and later do',
    applies: named('cast-fields-float32'),
    ours: (java) => JSON.parse(JSON.stringify(java).replaceAll('9.0071993E15', '9.007199E15')) as Outcome,
  },
  {
    reason: 'what Java lets its language complain of is a DataException or ConfigException',
    applies: (java) => java.errors?.[1]?.startsWith('java.lang.') === true && OURS.has(java.name),
    ours: (java) => ({ ...java, errors: [java.errors?.[0] ?? '', OURS.get(java.name) ?? ''] }),
  },
  {
    reason: 'a transform whose predicate is not among the predicates says so',
    applies: named('predicate-not-defined'),
    ours: (java) => ({
      ...java,
      errors: [
        "org.apache.kafka.common.config.ConfigException: Invalid value nope for configuration transforms.t0.predicate: no such alias in 'predicates'",
      ],
    }),
  },
]
