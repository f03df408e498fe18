import { isUtf8 } from 'node:buffer'

/** Bytes as text; null where they are none: no UTF-8, or with a NUL, as numbers in binary have them. */
export const textOf = (bytes: Uint8Array): string | null =>
  isUtf8(bytes) && !bytes.includes(0)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
    : null

export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

/** As a person reads them. */
export const shownOf = (bytes: Uint8Array): string => textOf(bytes) ?? `0x${hexOf(bytes)}`

// a record must not move the cursor, recolour the terminal or type into it
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are meant
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** For a terminal, which obeys control characters. */
export const harmless = (text: string): string =>
  text.replace(CONTROLS, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
