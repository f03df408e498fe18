import { dataError, transform } from '@isthmus/sdk'

export const MyName = transform({
  class: 'MyName',
  version: '0.1.0',
  config: {
    prefix: {
      type: 'string',
      default: 'my-name:',
      importance: 'low',
      doc: 'What each value begins with.',
    },
  },
  // answers with a changed copy, or with null to drop the record
  apply(record, { prefix }) {
    const { value } = record
    // deletes what has its key, and must stay null
    if (value === null) return record
    if (typeof value !== 'string')
      throw dataError(`Only text can get a prefix, not a value of type ${typeof value}`)
    return { ...record, value: `${prefix} ${value}` }
  },
})
