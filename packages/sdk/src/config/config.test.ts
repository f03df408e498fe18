import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ConnectError } from '../errors.ts'
import { goldenCases } from '../testing/golden.ts'
import type { ConfigDef, ConfigKey, ConfigType, Validator } from './def.ts'
import { configText, parseConfig, parseValue } from './parse.ts'
import { underPrefix, withoutPrefix } from './prefix.ts'
import { renderKey, renderValue } from './render.ts'
import { validateAll } from './validate.ts'
import * as validators from './validators.ts'

const FILE = new URL('../golden/config.json', import.meta.url)

interface ConfigCase {
  readonly type: string
  readonly default?: string | null
  readonly validator?: { readonly name: string; readonly args: readonly string[] }
  readonly props: { readonly k?: string | null }
}
interface ConfigAnswer {
  readonly parsed?: string
  readonly thrown?: string
  readonly value: string | null
  readonly errors: readonly string[]
  readonly default: string | null
  readonly description?: string
}

function validatorOf({ name, args }: NonNullable<ConfigCase['validator']>): Validator {
  const [first = 0, second = 0] = args.map(Number)
  switch (name) {
    case 'atLeast':
      return validators.atLeast(first)
    case 'between':
      return validators.between(first, second)
    case 'oneOf':
      return validators.oneOf(...args)
    case 'oneOfIgnoringCase':
      return validators.oneOfIgnoringCase(...args)
    case 'validList':
      return validators.validList()
    case 'validListNullable':
      return validators.validList({ null: true })
    case 'validListNonEmpty':
      return validators.validList({ empty: false })
    case 'validListIn':
      return validators.validList({ in: args })
    case 'listOfAtMost':
      return validators.listOfAtMost(first)
    case 'nonEmptyOneOf':
      return validators.allOf(validators.nonEmptyString, validators.oneOf(...args))
    case 'nonNull':
      return validators.nonNull
    case 'nonEmptyString':
      return validators.nonEmptyString
    case 'nonEmptyWithoutControlChars':
      return validators.nonEmptyWithoutControlChars
    default:
      throw new Error(`unknown validator ${name}`)
  }
}

test('one property parses, validates and renders as in Java', async () => {
  for (const item of goldenCases<ConfigCase, ConfigAnswer>(FILE, 'config')) {
    const type = item.in.type.toLowerCase() as ConfigType
    const key: ConfigKey = {
      type,
      importance: 'high',
      doc: 'doc',
      ...(item.in.default !== undefined && { default: item.in.default }),
      ...(item.in.validator && { validate: validatorOf(item.in.validator) }),
    }
    const answer: { -readonly [K in keyof ConfigAnswer]: ConfigAnswer[K] } = {
      ...(key.validate && { description: key.validate.description ?? '' }),
      default: renderKey('k', key).default_value,
      value: null,
      errors: [],
    }
    try {
      answer.parsed = configText((parseConfig({ k: key }, item.in.props) as { k?: unknown }).k, type)
    } catch (error) {
      assert.equal((error as ConnectError).code, 'config')
      answer.thrown = (error as Error).message
    }
    const [value] = await validateAll({ k: key }, item.in.props)
    Object.assign(answer, { value: renderValue(value!, type).value, errors: value!.errors })
    assert.deepEqual({ ...answer }, item.out, JSON.stringify(item.in))
  }
})

test('a list is read at once, whatever blanks are in it', { timeout: 20_000 }, () => {
  const blanks = ' '.repeat(1_000_000)
  const read = parseValue('k', `a${blanks}b \t,\f c${blanks},d`, 'list')
  assert.deepEqual(read, [`a${blanks}b`, 'c', 'd'])
})

test('a class is asked for by name', () => {
  const def = { c: { type: 'class', importance: 'high', doc: '' } } as const
  assert.equal(parseConfig(def, { c: ' a.B ' }, { hasClass: (name) => name === 'a.B' }).c, 'a.B')
  assert.throws(() => parseConfig(def, { c: 'X' }, { hasClass: () => false }), {
    code: 'config',
    message: 'Invalid value X for configuration c: Class X could not be found.',
  })
})

test('a password shows in no text form', () => {
  const def = { pw: { type: 'password', importance: 'high', doc: '' } } as const
  const { pw } = parseConfig(def, { pw: 'hunter2' })
  assert.equal(`${pw} ${JSON.stringify({ pw })} ${inspect(pw)}`, '[hidden] {"pw":"[hidden]"} [hidden]')
  assert.equal(pw.reveal(), 'hunter2')
})

test('properties outside the definition stay in raw', () => {
  assert.deepEqual(parseConfig({}, { other: ' x ' }), { raw: { other: ' x ' } })
})

const FAMILY: ConfigDef = {
  parent: { type: 'string', importance: 'high', doc: '', dependents: ['child', 'lost'] },
  child: {
    type: 'string',
    default: 'd',
    importance: 'low',
    doc: '',
    recommend: (_name, values) => [`for ${values['parent']}`],
    visible: (_name, values) => values['parent'] !== 'hide',
  },
  broken: {
    type: 'string',
    default: null,
    importance: 'low',
    doc: '',
    recommend: () => {
      throw new ConnectError('config', 'cannot recommend')
    },
  },
}

test('dependents are validated after the property they depend on, with its value', async () => {
  const byName = new Map((await validateAll(FAMILY, { parent: 'hide' })).map((value) => [value.name, value]))
  assert.deepEqual(byName.get('child'), {
    name: 'child',
    value: 'd',
    recommendedValues: ['for hide'],
    errors: [],
    visible: false,
  })
  assert.deepEqual(byName.get('broken')?.errors, ['cannot recommend'])
  assert.deepEqual(byName.get('lost')?.errors, ['lost is referred in the dependents, but not defined.'])
  assert.equal(byName.get('lost')?.visible, false)
  assert.throws(
    () => parseConfig(FAMILY, { parent: 'x' }),
    /referred in the dependents, but not defined: lost/,
  )
})

test('under a prefix names grow, validators and recommenders still see their own', async () => {
  const own: ConfigDef = {
    n: { type: 'int', importance: 'low', doc: '', validate: validators.atLeast(1), order: 3 },
    a: { type: 'string', importance: 'high', doc: '', group: 'G', recommend: (name) => [name] },
  }
  const def = underPrefix(own, 'transforms.t.', 'Transforms: t', 5)
  assert.deepEqual(
    Object.entries(def).map(([name, { group, order, displayName }]) => [name, group, order, displayName]),
    [
      ['transforms.t.n', 'Transforms: t', 5, 'n'],
      ['transforms.t.a', 'Transforms: t: G', 6, 'a'],
    ],
  )
  const [n, a] = await validateAll(def, { 'transforms.t.n': '0' })
  assert.deepEqual(n?.errors, ['Invalid value 0 for configuration n: Value must be at least 1'])
  assert.deepEqual(a?.errors, ['Missing required configuration "transforms.t.a" which has no default value.'])
  assert.deepEqual(a?.recommendedValues, ['a'])
  assert.deepEqual(withoutPrefix({ 'transforms.t.n': '1', other: '2' }, 'transforms.t.'), { n: '1' })
})

test('a source may be asked what to recommend: the answers come together, and each may fail by itself', async () => {
  const asked: string[] = []
  const all = Promise.withResolvers<void>()
  const ask = async (name: string): Promise<string[]> => {
    asked.push(name)
    if (asked.length === 3) all.resolve()
    await all.promise
    if (name === 'schema') throw new ConnectError('config', 'no such database')
    return [`${name} of orders`]
  }
  const key = { type: 'string', default: null, importance: 'low', doc: '', recommend: ask } as const
  const def: ConfigDef = { table: { ...key, visible: async () => false }, schema: key, column: key }
  const [table, schema, column] = await validateAll(def, {})
  assert.deepEqual(table?.recommendedValues, ['table of orders'])
  assert.equal(table?.visible, false)
  assert.deepEqual(schema?.errors, ['no such database'])
  assert.deepEqual(column?.recommendedValues, ['column of orders'])
})

test('REST shows a key in Java field order', () => {
  const key: ConfigKey = { type: 'list', default: 'a, b', importance: 'low', doc: 'D', group: 'G', order: 2 }
  assert.equal(
    JSON.stringify(renderKey('k', key)),
    '{"name":"k","type":"LIST","required":false,"default_value":"a,b","importance":"LOW","documentation":"D",' +
      '"group":"G","order_in_group":2,"width":"NONE","display_name":"k","dependents":[]}',
  )
})
