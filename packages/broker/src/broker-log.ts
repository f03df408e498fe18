/** Where the broker's few log lines go: whoever opens a broker hands one in. */
export interface BrokerLog {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export const silentLog: BrokerLog = { debug() {}, info() {}, warn() {}, error() {} }
