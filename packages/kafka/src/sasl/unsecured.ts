import { KafkaError } from '../errors.ts'
import { type Token, tokenOf } from './token.ts'

const PREFIX = 'unsecuredLogin'

/** An unsigned token made from the login module's options, as Java's development-only unsecured login makes it. */
export function unsecuredToken(options: { readonly [key: string]: string }, now: number): Token {
  const lifetime = options[`${PREFIX}LifetimeSeconds`] ?? '3600'
  if (!/^\d{1,10}$/.test(lifetime)) throw wrong(`${PREFIX}LifetimeSeconds ${lifetime} is not a number`)
  const claims: Record<string, unknown> = { exp: now / 1000 + Number(lifetime), iat: now / 1000 }
  for (const [key, value] of Object.entries(options)) {
    const [, kind, name] = /^unsecuredLogin(String|Number|List)Claim_(.+)$/.exec(key) ?? []
    if (kind === undefined || name === undefined) continue
    if (name === 'iat' || name === 'exp') throw wrong(`Cannot explicitly set the '${name}' claim`)
    claims[name] = claimOf(kind, name, value)
  }
  const principal = options[`${PREFIX}PrincipalClaimName`]?.trim() || 'sub'
  if (typeof claims[principal] !== 'string' || claims[principal] === '')
    throw wrong(
      `the claim '${principal}', which names the principal, is missing (${PREFIX}StringClaim_${principal})`,
    )
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return tokenOf(`${part({ alg: 'none' })}.${part(claims)}.`)
}

function claimOf(kind: string, name: string, value: string): unknown {
  if (kind === 'String') return value
  if (kind === 'Number') {
    if (value === '' || Number.isNaN(Number(value))) throw wrong(`claim ${name} is not a number: ${value}`)
    return Number(value)
  }
  // the first character says what separates the others
  return value.length <= 1 ? [] : value.slice(1).split(value[0] as string)
}
const wrong = (problem: string) =>
  new KafkaError('CONFIG', `sasl.jaas.config cannot be used for an unsecured token: ${problem}`)
