import { nonEmptyString, predicate } from '@isthmus/sdk'

/** Whether a value has a field, whatever it holds. Used by the name that `predicates.<alias>` gives it, in `transforms.<alias>.predicate`. */
export const HasField = predicate({
  class: 'example.HasField',
  version: '1.0.0',
  config: {
    field: {
      type: 'string',
      validate: nonEmptyString,
      importance: 'high',
      doc: 'The field that has to be there.',
    },
  },
  // values with a schema have all of its fields; those that are not set are null
  test: ({ value }, { field }) => typeof value === 'object' && value !== null && Object.hasOwn(value, field),
})
