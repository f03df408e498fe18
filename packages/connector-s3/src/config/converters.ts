import type { Props } from '@isthmus/sdk'

/** The converter that both connectors need for keys and values: a backup holds bytes as Kafka has them. */
export const BYTES_CONVERTER = 'org.apache.kafka.connect.converters.ByteArrayConverter'

const names: ReadonlySet<string> = new Set([BYTES_CONVERTER, 'ByteArrayConverter', 'ByteArray'])

/** Errors by property. A converter that the configuration does not name is the worker's, and is not known here. */
export function converterErrors(props: Props): { readonly [name: string]: readonly string[] } {
  const wrong = ['key.converter', 'value.converter'].filter(
    (name) => !names.has(props[name] ?? BYTES_CONVERTER),
  )
  return Object.fromEntries(
    wrong.map((name) => [
      name,
      [
        `Invalid value ${props[name]} for configuration ${name}: must be ${BYTES_CONVERTER}, since a backup holds the bytes of records as they are`,
      ],
    ]),
  )
}
