/** What the REST API shows as the version of the connectors. */
export const VERSION = '0.1.0'
