/** The release of this package, which the connectors show as theirs. */
export const VERSION = '0.1.0'
