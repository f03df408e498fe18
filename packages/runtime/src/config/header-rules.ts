import { ConnectError } from '@isthmus/sdk'

/** A header of every answer, by `response.http.headers.config`. */
export interface HeaderRule {
  readonly action: 'set' | 'add'
  /** The value is how many milliseconds from now, shown as HTTP dates are. */
  readonly date: boolean
  readonly name: string
  readonly value: string
}

const ACTIONS = ['set', 'add', 'setDate', 'addDate']

/** `[action] [name]:[value]`, separated by commas; a rule that holds some is quoted. Throws `config` in Java's words. */
export function parseHeaderRules(text: string): readonly HeaderRule[] {
  if (text.trim() === '') return []
  return splitQuoted(text).map((rule) => {
    const [, action, pair] = /^\s*(\S+)\s+(.*)$/s.exec(rule) ?? []
    if (action === undefined || pair === undefined || pair === '')
      throw invalid(
        `Invalid format of header config '${rule}'. Expected: '[action] [header name]:[header value]'`,
      )
    const lower = action.toLowerCase()
    if (!ACTIONS.some((known) => known.toLowerCase() === lower))
      throw invalid(`Invalid header config action: '${action}'. Expected one of [${ACTIONS.join(', ')}]`)
    const [name, value, more] = pair.trim().split(':')
    // as in Java, a value may hold no colon
    if (name === undefined || value === undefined || value === '' || more !== undefined)
      throw invalid(
        `Invalid format of header name and header value pair '${pair}'. Expected: '[header name]:[header value]'`,
      )
    if (name.trim() === '' || /\s/.test(name.trim()))
      throw invalid(`Invalid header name '${name.trim()}'. The '[header name]' cannot contain whitespace`)
    return {
      action: lower.startsWith('add') ? 'add' : 'set',
      date: lower.endsWith('date'),
      name: name.trim(),
      value: value.trim(),
    }
  })
}

const invalid = (message: string) => new ConnectError('config', message)

/** Commas within double quotes around a rule do not separate. */
function splitQuoted(text: string): readonly string[] {
  const rules: string[] = []
  for (let at = 0; at <= text.length; ) {
    const [whole = '', quoted, bare] = /^\s*(?:"([^"]*)"\s*|([^,]*))(?:,|$)/.exec(text.slice(at)) ?? []
    rules.push((quoted ?? bare ?? '').trim())
    at += Math.max(whole.length, 1)
    if (!whole.endsWith(',')) break
  }
  return rules
}
