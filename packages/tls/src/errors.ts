/** What is wrong with `ssl.*` properties or the files they name, in Java's words where it has any. Trying again does not mend it. */
export class TlsConfigError extends Error {
  override name = 'TlsConfigError'
  readonly code = 'tls-config'
}
