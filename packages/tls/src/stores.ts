import { TlsConfigError } from './errors.ts'
import { JKS_MAGIC } from './jks.ts'
import { pemBlocks } from './pem.ts'
import { readSmallFile } from './small-file.ts'
import { type Contents, StoreProblem } from './store.ts'

/** The authorities of a whole system take a quarter of a megabyte. */
const MAX_BYTES = 8 * 1024 * 1024

export interface StoreSource {
  /** `ssl.truststore` or `ssl.keystore`: for messages. */
  readonly name: string
  readonly type: string
  readonly location: string | null
  readonly password: string | null
  readonly keyPassword: string | null
}

/** Reads a store file. Throws `TlsConfigError`. */
export async function readStore(source: StoreSource): Promise<Contents> {
  const type = source.type.toUpperCase()
  if (type !== 'PEM' && type !== 'JKS' && type !== 'PKCS12')
    throw new TlsConfigError(
      `Invalid value ${source.type} for configuration ${source.name}.type: String must be one of: JKS, PKCS12, PEM`,
    )
  const location = source.location as string
  let file: Buffer
  try {
    file = await readSmallFile(location, MAX_BYTES)
  } catch (error) {
    throw unusable(source, (error as Error).message)
  }
  try {
    if (type === 'PEM') return readPem(file.toString('latin1'), source)
    // like Java, whichever of the two the type says
    const magic = file.length >= 4 ? file.readUInt32BE() : 0
    if (magic === JKS_MAGIC || magic === 0xcececece)
      return (await import('./jks.ts')).readJks(file, source.password, source.keyPassword)
    return (await import('./pkcs12.ts')).readPkcs12(file, source.password)
  } catch (error) {
    if (error instanceof TlsConfigError) throw error
    throw unusable(source, error instanceof StoreProblem ? error.message : 'it is damaged', error)
  }
}

/** The blocks of a PEM store; the key may still be encrypted. */
export function readPem(text: string, source: Pick<StoreSource, 'name' | 'password'>): Contents {
  if (source.password !== null)
    throw new TlsConfigError(
      `${source.name}.password cannot be specified with PEM format, only ssl.key.password may be specified`,
    )
  const blocks = pemBlocks(text)
  const keys = blocks.filter((b) => b.label.endsWith('PRIVATE KEY')).map((b) => b.pem)
  const certificates = blocks.filter((b) => b.label.endsWith('CERTIFICATE')).map((b) => b.pem)
  if (blocks.length === 0) throw new TlsConfigError(`${source.name} holds no PEM certificates or keys`)
  return { key: keys[0] ?? null, chain: certificates, trusted: certificates }
}

function unusable({ name, location }: StoreSource, problem: string, cause?: unknown): TlsConfigError {
  return new TlsConfigError(`${name}.location ${location} cannot be used: ${problem}`, { cause })
}
