import { ConnectError, dataError } from '@isthmus/sdk'
import { asBuffer } from '../as-buffer.ts'

export interface Charset {
  /** A string stands for its UTF-8 bytes. */
  encode(text: string): Uint8Array | string
  decode(bytes: Uint8Array): string
}

/** Java writes what a charset lacks, and half a character, as a question mark. */
const wellFormed = (text: string): string =>
  text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?')

/** What `toString('utf8')` comes down to, for any byte array: two thirds of the time for a short value. */
const { utf8Slice } = Buffer.prototype as unknown as {
  utf8Slice(this: Uint8Array, start: number, end: number): string
}

const UTF_8: Charset = {
  encode: wellFormed,
  decode: (bytes) => {
    const text = utf8Slice.call(bytes, 0, bytes.length)
    return text.includes('\ufffd') ? withWholeSurrogates(bytes) : text
  },
}

/** Java replaces a surrogate encoded in three bytes by one character, the web by one for each byte. */
function withWholeSurrogates(bytes: Uint8Array): string {
  const copy = Buffer.from(bytes)
  for (let at = copy.indexOf(0xed); at >= 0; at = copy.indexOf(0xed, at + 1)) {
    const [second = 0, third = 0] = copy.subarray(at + 1, at + 3)
    if (second >= 0xa0 && second <= 0xbf && (third & 0xc0) === 0x80) copy.set([0xef, 0xbf, 0xbd], at)
  }
  return copy.toString('utf8')
}
const LATIN_1: Charset = {
  encode: (text) => Buffer.from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1'),
  decode: (bytes) => asBuffer(bytes).toString('latin1'),
}
const ASCII: Charset = {
  encode: (text) => Buffer.from(text.replace(/\P{ASCII}/gu, '?'), 'latin1'),
  decode: (bytes) =>
    asBuffer(bytes)
      .toString('latin1')
      .replace(/\P{ASCII}/gu, '\ufffd'),
}

const halfCharacter = (text: string): string =>
  text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '\ufffd')
const utf16 = (encoding: 'utf-16le' | 'utf-16be'): Charset => ({
  encode: (text) => {
    const bytes = Buffer.from(halfCharacter(text), 'utf16le')
    return encoding === 'utf-16le' ? bytes : bytes.swap16()
  },
  decode: (bytes) => new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes),
})
const [UTF_16LE, UTF_16BE] = [utf16('utf-16le'), utf16('utf-16be')]
/** With a byte order mark: written big-endian, read as the mark says. */
const UTF_16: Charset = {
  encode: (text) => UTF_16BE.encode(text === '' ? text : `\ufeff${text}`),
  decode: (bytes) => {
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return UTF_16LE.decode(bytes.subarray(2))
    return UTF_16BE.decode(bytes[0] === 0xfe && bytes[1] === 0xff ? bytes.subarray(2) : bytes)
  },
}

const KNOWN: { readonly [name: string]: Charset } = {
  'utf-8': UTF_8,
  utf8: UTF_8,
  'iso-8859-1': LATIN_1,
  'iso8859-1': LATIN_1,
  iso8859_1: LATIN_1,
  latin1: LATIN_1,
  'us-ascii': ASCII,
  ascii: ASCII,
  'utf-16': UTF_16,
  'utf-16le': UTF_16LE,
  'utf-16be': UTF_16BE,
}

/** A Java charset by name. Those of one byte a character are written too; the legacy ones of several bytes are only read. */
export function charsetOf(name: string): Charset {
  const known = KNOWN[name.toLowerCase()]
  if (known !== undefined) return known
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(name, { ignoreBOM: true })
  } catch (cause) {
    throw new ConnectError('config', `Unknown character set ${name}: use for instance UTF-8 or ISO-8859-1`, {
      cause,
    })
  }
  // The web's tables give the holes of the Windows charsets to control characters; Java has nothing there.
  const holes = /^(?:windows|cp)-?125/i.test(name)
  const decode = (bytes: Uint8Array): string => {
    const text = decoder.decode(bytes)
    return holes ? text.replace(/[\x80-\x9f]/g, '\ufffd') : text
  }
  const table = singleByteTable(decode)
  return {
    decode,
    encode: (text) => {
      if (table === null) throw dataError(`Text cannot be written in the character set ${name}, only read`)
      return Uint8Array.from([...text], (char) => table.get(char) ?? 0x3f)
    },
  }
}

function singleByteTable(decode: (bytes: Uint8Array) => string): Map<string, number> | null {
  const table = new Map<string, number>()
  for (let byte = 0; byte < 256; byte++) {
    const char = decode(Uint8Array.of(byte))
    if (char !== '\ufffd' && !table.has(char)) table.set(char, byte)
  }
  // In the charsets of several bytes, most bytes above 127 mean nothing alone.
  return table.size > 160 ? table : null
}
