import { converter, dataError, predicate, transform } from '@isthmus/sdk'

// A plugin folder: copy it into a folder of `plugin.path`. There is nothing to build or to install.

/** Hides what comes before the @ of addresses in one field of a schemaless value. */
export const MaskAddress = transform({
  class: 'example.MaskAddress',
  version: '1.0.0',
  config: {
    field: { type: 'string', default: 'email', importance: 'high', doc: 'The field that holds an address.' },
  },
  apply(record, { field }) {
    const value = record.value as { readonly [name: string]: unknown } | null
    const address = value?.[field]
    if (address === undefined || address === null) return record
    if (typeof address !== 'string')
      throw dataError(`The field ${field} holds no address but a ${typeof address}`)
    return { ...record, value: { ...value, [field]: address.replace(/^[^@]+/, '***') } }
  },
})

/** Whether a value has a field; named in `transforms.<alias>.predicate`. */
export const HasField = predicate({
  class: 'example.HasField',
  config: { field: { type: 'string', importance: 'high', doc: 'The field that has to be there.' } },
  test: ({ value }, { field }) => typeof value === 'object' && value !== null && Object.hasOwn(value, field),
})

/** Lines of `name=value`. */
export const PairsConverter = converter({
  class: 'example.PairsConverter',
  write({ value }) {
    if (value === null) return null
    return Object.entries(value)
      .map(([name, item]) => `${name}=${item}`)
      .join('\n')
  },
  read({ bytes }) {
    if (bytes === null) return { schema: null, value: null }
    const lines = Buffer.from(bytes).toString().split('\n')
    return {
      schema: null,
      value: Object.fromEntries(lines.map((line) => line.split('=', 2) as [string, string])),
    }
  },
})
