import { setTimeout as sleep } from 'node:timers/promises'
import { type ConfigValue, type Props, parseConfig } from '@isthmus/sdk'
import { keyPrefix } from '../objects/key.ts'
import { openBucketClient } from '../s3/client.ts'
import { missingHalf } from '../s3/credentials.ts'
import { type Failure, failureOf } from '../s3/failures.ts'
import { probe, type Use } from '../s3/probe.ts'
import { usualPause } from '../s3/retry.ts'
import { within } from '../s3/time-limit.ts'
import { converterErrors } from './converters.ts'
import { type StoreConfig, storeConfig } from './store.ts'

type Errors = { readonly [name: string]: readonly string[] }

/** For all attempts together: a REST request waits for the answer. */
const LIMIT_MS = 20_000
const ATTEMPTS = 3

/**
 * Errors by property, of a configuration as the definition has parsed it. The bucket is asked only where nothing is wrong with the
 * configuration itself.
 */
export async function checkConfig(use: Use, props: Props, values: readonly ConfigValue[]): Promise<Errors> {
  const errors = { ...converterErrors(props), ...halfKeyErrors(props) }
  if (Object.keys(errors).length > 0 || values.some((value) => value.errors.length > 0)) return errors
  const config = parseConfig(storeConfig, props)
  const failure = await tryBucket(config, use)
  return failure === null ? {} : errorOf(failure, config)
}

function halfKeyErrors(props: Props): Errors {
  const part = (name: string): string => (props[name] ?? '').trim()
  const missing = missingHalf(part('aws.accessKeyId'), part('aws.secretKey'))
  return missing === null
    ? {}
    : { [missing.field]: [`Missing required configuration "${missing.field}": ${missing.reason}`] }
}

/** Why the bucket cannot be used; null when all is well. */
async function tryBucket(config: StoreConfig, use: Use): Promise<Failure | null> {
  await using client = await openBucketClient(config)
  const ended = AbortSignal.timeout(LIMIT_MS)
  for (let count = 1; ; count++) {
    try {
      await within(LIMIT_MS, ended, (signal) => probe(client, keyPrefix(config.prefix), use, signal))
      return null
    } catch (error) {
      const failure = failureOf(error, client.access)
      if (!failure.retriable || count === ATTEMPTS || ended.aborted) return failure
      await sleep(usualPause(count))
    }
  }
}

/** A failure that no property is the reason of is shown where it happened. */
function errorOf(failure: Failure, config: StoreConfig): Errors {
  const field = failure.field ?? (config['s3.endpoint'] === '' ? 'aws.s3.bucket' : 's3.endpoint')
  const advice = failure.advice === '' ? '' : ` ${failure.advice}`
  return {
    [field]: [
      `Invalid value ${config[field]} for configuration ${field}: bucket ${config['aws.s3.bucket']} cannot be used: ${failure.reason}.${advice}`,
    ],
  }
}
