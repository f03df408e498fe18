/** The property that most transforms of structs have. */
export const replaceNull = {
  'replace.null.with.default': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether a field that is null and has a default is read as its default.',
  },
} as const
