export { JsonConverter } from './json/converter.ts'
export { BooleanConverter } from './plain/boolean.ts'
export { ByteArrayConverter } from './plain/bytes.ts'
export {
  DoubleConverter,
  FloatConverter,
  IntegerConverter,
  LongConverter,
  ShortConverter,
} from './plain/numbers.ts'
export { StringConverter } from './plain/string.ts'
export { SimpleHeaderConverter } from './simple-header.ts'
