import { KafkaError } from './errors.ts'
import type { Address } from './socket.ts'

/** `host:port` entries of `bootstrap.servers`, as Java's `ClientUtils` reads them. */
export function bootstrapAddresses(entries: readonly string[]): readonly Address[] {
  const addresses = entries.filter((entry) => entry !== '').map(parseAddress)
  if (addresses.length === 0)
    throw new KafkaError(
      'CONFIG',
      "Configuration 'bootstrap.servers' must not be empty. Valid values include: any non-empty value",
    )
  return addresses
}

function parseAddress(entry: string): Address {
  // a protocol in front is allowed and means nothing; IPv6 addresses stand in brackets
  const match = /^(?:[a-zA-Z]+:\/\/)?(?:\[([0-9a-fA-F:.%]+)\]|([0-9a-zA-Z\-%._]+)):(\d+)$/.exec(entry)
  const host = match?.[1] ?? match?.[2]
  if (match && Number(match[3]) > 65535)
    throw new KafkaError('CONFIG', `Invalid port in bootstrap.servers: ${entry}`)
  if (host === undefined) throw new KafkaError('CONFIG', `Invalid url in bootstrap.servers: ${entry}`)
  return { host, port: Number(match?.[3]) }
}
