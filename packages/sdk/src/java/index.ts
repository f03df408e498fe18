// Files of properties

export { parseProperties } from './properties.ts'

// Texts of values, as Java's classes print and read them

export { dateLikeText } from '../values/text.ts'
export {
  bigintOfBytes,
  bytesOfBigint,
  decimalOfNumber,
  decimalPlainText,
  decimalText,
  decimalToLong,
  decimalToNumber,
  parseDecimal,
} from './decimal-text.ts'
export { doubleText, floatText, parseJavaDouble, parseJavaInteger } from './number-text.ts'
export { javaClassOf, javaText, recordText, schemaText } from './text.ts'
export { javaTrim } from './trim.ts'

// Numbers that lose what does not fit, as its casts do

export { floatOfLong, longOfDouble, parseJavaFloat } from './narrowing.ts'

// Calendars, date formats and patterns

export { type CalendarFields, calendarFields, epochMs } from './date.ts'
export { type JavaDateFormat, javaDateFormat } from './date-format/java-date-format.ts'
export { type JavaPattern, javaPattern } from './regex/java-pattern.ts'
