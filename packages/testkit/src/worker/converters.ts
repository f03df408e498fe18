import * as formats from '@isthmus/formats'
import {
  type Converter,
  type ConverterPlugin,
  type HeaderConverter,
  type HeaderConverterPlugin,
  type Props,
  parseConfig,
} from '@isthmus/sdk'
import { pluginContext } from '../contexts.ts'

/** As a worker has them for a task, opened by the same properties. */
export interface Converters extends AsyncDisposable {
  readonly key: Converter
  readonly value: Converter
  readonly header: HeaderConverter
}

type AnyConverter = ConverterPlugin | HeaderConverterPlugin

/** Opens those that `key.converter`, `value.converter` and `header.converter` name: Kafka's own, or among `more`. */
export async function openConverters(props: Props, more: readonly AnyConverter[]): Promise<Converters> {
  const plugins: readonly AnyConverter[] = [...more, ...Object.values(formats)]
  await using stack = new AsyncDisposableStack()
  const open = async (role: 'key' | 'value'): Promise<Converter> => {
    const plugin = named(plugins, `${role}.converter`, props)
    if (plugin.type !== 'converter')
      throw new Error(`${role}.converter: ${plugin.class} is a converter of headers`)
    const config = parseConfig(plugin.config, {
      ...below(`${role}.converter.`, props),
      'converter.type': role,
    })
    const converter = await plugin.open(config, role, pluginContext())
    stack.defer(() => converter[Symbol.asyncDispose]?.())
    return converter
  }
  const openHeader = async (): Promise<HeaderConverter> => {
    const plugin = named(plugins, 'header.converter', props)
    const config = parseConfig(plugin.config, {
      ...below('header.converter.', props),
      'converter.type': 'header',
    })
    const converter =
      plugin.type === 'header_converter'
        ? await plugin.open(config, pluginContext())
        : await plugin.openHeader?.(config, pluginContext())
    if (converter === undefined) throw new Error(`header.converter: ${plugin.class} converts no headers`)
    stack.defer(() => converter[Symbol.asyncDispose]?.())
    return converter
  }
  const [key, value, header] = [await open('key'), await open('value'), await openHeader()]
  const owned = stack.move()
  return { key, value, header, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** By the class, its simple name, or that without what it is: as in a worker. */
function named(plugins: readonly AnyConverter[], property: string, props: Props): AnyConverter {
  const wanted = props[property] ?? ''
  const found = plugins.find(({ class: name }) => {
    const simple = name.replace(/.*[.$]/, '')
    return [name, simple, simple.replace(/(Header)?Converter$/, '')].includes(wanted)
  })
  if (found !== undefined) return found
  throw new Error(
    `${property}: the testkit does not know the class ${wanted}; name its plugin in the option 'converters'`,
  )
}

const below = (prefix: string, props: Props): Props =>
  Object.fromEntries(
    Object.entries(props).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  )
