import { type ConfigDef, type ConfigOf, nonEmptyString, type Validator } from '@isthmus/sdk'

/** Where a client looks for a bucket when nothing says so. */
export const DEFAULT_REGION = 'us-west-2'

/** What is left of the 1,024 bytes of a key by the longest name of a topic, a partition and two offsets. */
const PREFIX_BYTES = 723

/** As the connector of the JVM takes them: the end of the prefix counts. What no server would keep as it is is refused beside that. */
const prefix: Validator = (value) => {
  if (typeof value !== 'string' || value === '') return null
  if (!/[-a-zA-Z0-9_./]+$/.test(value)) return 'must be empty, or end with letters, digits or one of - _ . /'
  if (value.split('/').some((part) => part === '.' || part === '..'))
    return "must not have '.' or '..' between slashes: servers take these for folders"
  return Buffer.byteLength(value) > PREFIX_BYTES ? `must have at most ${PREFIX_BYTES} bytes` : null
}

/** A name, or the ARN of an access point. */
const bucket: Validator = (value, name) => {
  if (typeof value !== 'string' || value === '' || value.startsWith('arn:'))
    return nonEmptyString(value, name)
  return /[\s/]/.test(value) || /^\.+$/.test(value) ? 'must be the name of a bucket' : null
}

const region: Validator = (value) =>
  typeof value !== 'string' || /^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/i.test(value)
    ? null
    : 'must be the name of a region, such as us-east-1'

const accessKeyId: Validator = (value) =>
  typeof value !== 'string' || !/[\s,/]/.test(value) ? null : 'must be the id of an access key'

const endpoint: Validator = (value) => {
  if (typeof value !== 'string' || value === '') return null
  const { protocol } = URL.parse(value) ?? {}
  return protocol === 'http:' || protocol === 'https:'
    ? null
    : 'must be a URL that begins with http:// or https://'
}

/** The bucket, and how it is reached. */
export const storeConfig = {
  'aws.s3.bucket': {
    type: 'string',
    validate: bucket,
    importance: 'high',
    doc: 'The bucket that holds the backup. It has to exist.',
  },
  prefix: {
    type: 'string',
    default: '',
    validate: prefix,
    importance: 'high',
    doc: 'What the names of all objects of the backup begin with, so that a bucket can hold several of them. A slash is put between it and the name of the topic.',
  },
  'aws.accessKeyId': {
    type: 'string',
    default: null,
    validate: accessKeyId,
    importance: 'high',
    doc: 'The id of an access key. Without it and aws.secretKey the credentials come from where programs for AWS look for them: environment variables, the shared credentials file, the identity of the container or of the machine.',
  },
  'aws.secretKey': {
    type: 'password',
    default: null,
    importance: 'high',
    doc: 'The secret of the access key. It belongs to aws.accessKeyId: set both or none.',
  },
  'aws.region': {
    type: 'string',
    default: DEFAULT_REGION,
    validate: region,
    importance: 'medium',
    doc: 'The region of the bucket. When it is not set, the bucket is asked where it is.',
  },
  'aws.role.arn': {
    type: 'string',
    default: '',
    importance: 'high',
    doc: 'A role to assume for access to the bucket, with the credentials above. Empty: those credentials are used as they are.',
  },
  's3.endpoint': {
    type: 'string',
    default: '',
    validate: endpoint,
    importance: 'medium',
    doc: 'The URL of a server that speaks the protocol of S3. Empty: AWS, in the region.',
  },
  's3.enablePathStyle': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether the bucket is named in the path of a URL instead of its host name; most servers other than AWS need that. Counts together with s3.endpoint only.',
  },
} as const satisfies ConfigDef

export type StoreConfig = ConfigOf<typeof storeConfig>
