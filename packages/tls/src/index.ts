// From ssl.* properties to what node:tls takes

export { TlsConfigError } from './errors.ts'
export { type SslOptions, sslOptions } from './options.ts'
export { clientTls, serverTls } from './settings.ts'

// Keys, certificates and tokens in files whose names others chose

export { readSmallFile } from './small-file.ts'
