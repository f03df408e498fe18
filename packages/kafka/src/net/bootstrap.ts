import { lookup, lookupService } from 'node:dns/promises'
import { KafkaError } from '../errors.ts'
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

/** Each name replaced by the canonical names of its hosts (`client.dns.lookup=resolve_canonical_bootstrap_servers_only`). */
export async function canonicalAddresses(addresses: readonly Address[]): Promise<readonly Address[]> {
  const found = await Promise.allSettled(
    addresses.map(async ({ host, port }) => {
      const ips = await lookup(host, { all: true })
      return Promise.all(
        ips.map(async ({ address }) => ({ host: (await lookupService(address, port)).hostname, port })),
      )
    }),
  )
  const canonical = found.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []))
  if (canonical.length > 0) return canonical
  const names = addresses.map(({ host }) => host).join(', ')
  throw new KafkaError('DISCONNECTED', `No address of bootstrap.servers can be resolved: ${names}`)
}
