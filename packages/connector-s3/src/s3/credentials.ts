import { randomUUID } from 'node:crypto'
import { ConnectError } from '@isthmus/sdk'
import type { StoreConfig } from '../config/store.ts'
import { CredentialsFailure } from './failures.ts'

/** As the SDK takes them; asked again before they expire. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}
/** The SDK passes on how its client is configured. */
export type CredentialsProvider = (identity?: Record<string, unknown>) => Promise<Credentials>

/** The configured access key; null for none. Half of one is a `config` error that names the other half. */
export function accessKeyOf(
  config: Pick<StoreConfig, 'aws.accessKeyId' | 'aws.secretKey'>,
): Credentials | null {
  const id = config['aws.accessKeyId'] ?? ''
  const key = config['aws.secretKey']?.reveal() ?? ''
  const missing = missingHalf(id, key)
  if (missing !== null)
    throw new ConnectError('config', `Missing required configuration "${missing.field}": ${missing.reason}`)
  return id === '' ? null : { accessKeyId: id, secretAccessKey: key }
}

/** Which half of an access key lacks, and what to say of it. */
export function missingHalf(
  id: string,
  key: string,
): { readonly field: 'aws.accessKeyId' | 'aws.secretKey'; readonly reason: string } | null {
  if ((id === '') === (key === '')) return null
  const [field, other]: readonly ['aws.accessKeyId' | 'aws.secretKey', string] =
    id === '' ? ['aws.accessKeyId', 'aws.secretKey'] : ['aws.secretKey', 'aws.accessKeyId']
  return { field, reason: `${other} is set: set both, or none to use the credentials of the environment` }
}

/** The SDK lets all who need credentials wait for one answer, which a server that is silent must not hold up for ever. */
const timely = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
}

/**
 * Where the client has its credentials from: the access key, or what AWS's default chain finds; and with a role, what STS gives for it to
 * those. `region` is where STS is asked; its address is AWS's, or that of `AWS_ENDPOINT_URL_STS`.
 */
export async function openCredentials(config: StoreConfig, region: string): Promise<CredentialsProvider> {
  const key = accessKeyOf(config)
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
  const base = key === null ? fromNodeProviderChain({ clientConfig: timely }) : async () => key
  const role = config['aws.role.arn']
  const provider =
    role === ''
      ? base
      : fromTemporaryCredentials({
          masterCredentials: base,
          params: { RoleArn: role, RoleSessionName: `isthmus-${randomUUID()}` },
          clientConfig: { ...timely, region },
        })
  return async (identity) => {
    try {
      return await provider(identity)
    } catch (error) {
      throw new CredentialsFailure('No credentials', { cause: error })
    }
  }
}
