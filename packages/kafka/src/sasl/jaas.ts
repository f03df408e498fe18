import { KafkaError } from '../errors.ts'

export interface LoginModule {
  readonly name: string
  readonly options: { readonly [key: string]: string }
}

const FLAGS = ['required', 'requisite', 'sufficient', 'optional']
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

interface Token {
  readonly text: string
  readonly sign: boolean
}

/** Reads `sasl.jaas.config`: `module.Class required key="value" …;` with the quoting and the complaints of Java's JaasConfig. */
export function parseJaas(config: string): LoginModule {
  const tokens = tokensOf(config)
  const modules: LoginModule[] = []
  let at = 0
  while (at < tokens.length) {
    const name = tokens[at++]?.text ?? ''
    const flag = tokens[at++]
    if (flag === undefined) throw unusable('Login module control flag not specified in JAAS config')
    if (!FLAGS.includes(flag.text.toLowerCase()))
      throw unusable(`Invalid login module control flag '${flag.text}' in JAAS config`)
    const options: Record<string, string> = {}
    for (;;) {
      const key = tokens[at++]
      if (key === undefined) throw unusable('JAAS config entry not terminated by semi-colon')
      if (key.sign && key.text === ';') break
      const equals = tokens[at++]
      const value = tokens[at++]
      if (!equals?.sign || equals.text !== '=' || value === undefined || value.sign)
        throw unusable(`Value not specified for key '${key.text}' in JAAS config`)
      options[key.text] = value.text
    }
    modules.push({ name, options })
  }
  const [module, ...others] = modules
  if (!module) throw unusable('Login module not specified in JAAS config')
  if (others.length > 0)
    throw unusable(`JAAS config property contains ${modules.length} login modules, should be 1 module`)
  return module
}

function tokensOf(config: string): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < config.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(config)
    // the text itself is not shown: it holds a password
    if (!match) throw unusable(`Quote not closed at character ${at + 1} of the JAAS config`)
    const quoted = match[1] ?? match[2]
    if (quoted !== undefined) tokens.push({ text: unquoted(quoted), sign: false })
    else if (match[3] !== undefined) tokens.push({ text: match[3], sign: false })
    else if (match[4] !== undefined) tokens.push({ text: match[4], sign: true })
  }
  return tokens
}
function unquoted(quoted: string): string {
  return quoted.replace(/\\([0-3][0-7]{0,2}|[4-7][0-7]?|[\s\S])/g, (_, c: string) =>
    /^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : (ESCAPES[c] ?? c),
  )
}
function unusable(problem: string): KafkaError {
  return new KafkaError('CONFIG', `sasl.jaas.config cannot be used: ${problem}`)
}
