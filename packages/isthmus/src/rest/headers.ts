import { ConnectError } from '@isthmus/sdk'
import type { MiddlewareHandler } from 'hono'

interface Rule {
  readonly date: boolean
  readonly add: boolean
  readonly name: string
  readonly value: string
}
const ACTIONS = ['set', 'add', 'setDate', 'addDate']

/** `response.http.headers.config`: `[action] [name]:[value]`, separated by commas; a rule with commas is quoted. */
export function parseHeaderRules(text: string): readonly Rule[] {
  const rules = [...text.matchAll(/\s*(?:"([^"]*)"|([^,]*))\s*(?:,|$)/g)]
    .map(([, quoted, bare]) => (quoted ?? bare ?? '').trim())
    .filter((rule) => rule !== '')
  return rules.map((rule) => {
    const space = rule.search(/\s/)
    if (space < 0)
      throw invalid(
        `Invalid format of header config '${rule}'. Expected: '[action] [header name]:[header value]'`,
      )
    const action = rule.slice(0, space)
    if (!ACTIONS.some((known) => known.toLowerCase() === action.toLowerCase()))
      throw invalid(`Invalid header config action: '${action}'. Expected one of [${ACTIONS.join(', ')}]`)
    const pair = rule.slice(space).trim()
    const colon = pair.indexOf(':')
    if (colon < 0)
      throw invalid(
        `Invalid format of header name and header value pair '${pair}'. Expected: '[header name]:[header value]'`,
      )
    const name = pair.slice(0, colon).trim()
    if (name === '' || /\s/.test(name))
      throw invalid(`Invalid header name '${name}'. The '[header name]' cannot contain whitespace`)
    const lower = action.toLowerCase()
    return {
      date: lower.endsWith('date'),
      add: lower.startsWith('add'),
      name,
      value: pair.slice(colon + 1).trim(),
    }
  })
}

const invalid = (message: string) => new ConnectError('config', message)

/** A date's value is milliseconds since 1970, as Java's servlet filter takes it. */
export const responseHeaders =
  (rules: readonly Rule[]): MiddlewareHandler =>
  async (c, next) => {
    await next()
    for (const { date, add, name, value } of rules)
      c.res.headers[add ? 'append' : 'set'](name, date ? new Date(Number(value)).toUTCString() : value)
  }
