/** Where a client says what it does; any logger with these two will do. Errors that a caller receives are not logged too. */
export interface ClientLog {
  debug(message: string): void
  warn(message: string): void
}
export const silent: ClientLog = {
  debug: () => undefined,
  warn: () => undefined,
}
