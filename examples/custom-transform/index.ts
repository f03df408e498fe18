import { dataError, nonEmptyString, transform } from '@isthmus/sdk'

/** Hides what comes before the @ of addresses, in one field of a value without a schema. */
export const MaskAddress = transform({
  class: 'example.MaskAddress',
  version: '1.0.0',
  config: {
    field: {
      type: 'string',
      default: 'email',
      validate: nonEmptyString,
      importance: 'high',
      doc: 'The field that holds an address.',
    },
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
