const ESCAPES: { readonly [c: string]: string } = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  b: '\b',
  a: '\u0007',
  v: '\v',
}
// blanks and comments (the last one to the end, if need be); quoted text with backslashes; a word; a sign
const TOKEN =
  /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+|"((?:\\[\s\S]|[^"\\\n])*)"|'((?:\\[\s\S]|[^'\\\n])*)'|([^\s"'=;/]+|\/)|([=;])/gy

export interface JaasToken {
  readonly text: string
  readonly isSign: boolean
}

/** The words and signs of a JAAS config; at its end, perhaps, where a quote begins that nothing closes. */
export function* jaasTokens(config: string): Generator<JaasToken | number> {
  const token = new RegExp(TOKEN)
  while (token.lastIndex < config.length) {
    const at = token.lastIndex
    const match = token.exec(config)
    if (!match) {
      yield at
      return
    }
    const quoted = match[1] ?? match[2]
    if (quoted !== undefined) yield { text: unquoted(quoted), isSign: false }
    else if (match[3] !== undefined) yield { text: match[3], isSign: false }
    else if (match[4] !== undefined) yield { text: match[4], isSign: true }
  }
}
function unquoted(quoted: string): string {
  return quoted.replace(/\\([0-3][0-7]{0,2}|[4-7][0-7]?|[\s\S])/g, (_, c: string) =>
    /^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : (ESCAPES[c] ?? c),
  )
}

/** The login module that `sasl.jaas.config` names, whatever else is in it; null for none. */
export function loginModuleOf(config: string): string | null {
  for (const token of jaasTokens(config)) return typeof token === 'number' ? null : token.text.trim()
  return null
}
