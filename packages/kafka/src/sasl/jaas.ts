import { KafkaError } from '../errors.ts'
import { type JaasToken, jaasTokens } from './jaas-tokens.ts'

export interface LoginModule {
  readonly name: string
  readonly options: { readonly [key: string]: string }
}

const FLAGS = ['required', 'requisite', 'sufficient', 'optional']
/** Names of options. Where none is to be expected, a word may be a piece of a password that was quoted wrongly. */
const OPTION =
  /^(username|password|tokenauth|clientId|clientSecret|scope|serviceName|(extension_|unsecuredLogin).*)$/

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
      throw unusable(
        `Invalid login module control flag ${modules.length === 0 ? `'${flag.text}' ` : ''}in JAAS config`,
      )
    const options: Record<string, string> = {}
    for (;;) {
      const key = tokens[at++]
      if (key === undefined) throw unusable('JAAS config entry not terminated by semi-colon')
      if (key.isSign && key.text === ';') break
      const equals = tokens[at++]
      const value = tokens[at++]
      if (!equals?.isSign || equals.text !== '=' || value === undefined || value.isSign)
        throw unusable(
          `Value not specified for ${OPTION.test(key.text) ? `key '${key.text}'` : 'a key'} in JAAS config`,
        )
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

function tokensOf(config: string): readonly JaasToken[] {
  const tokens: JaasToken[] = []
  for (const token of jaasTokens(config)) {
    // the text itself is not shown: it holds a password
    if (typeof token === 'number')
      throw unusable(`Quote not closed at character ${token + 1} of the JAAS config`)
    tokens.push(token)
  }
  return tokens
}
function unusable(problem: string): KafkaError {
  return new KafkaError('CONFIG', `sasl.jaas.config cannot be used: ${problem}`)
}
