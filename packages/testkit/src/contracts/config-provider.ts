import assert from 'node:assert/strict'
import { type ConfigDef, type ConfigProviderPlugin, type Props, parseConfig } from '@isthmus/sdk'
import { type Contract, PATIENCE_MS, type Patience, where } from './contract.ts'
import { endingClauses, played } from './plugin-clauses.ts'
import { failureOf, show } from './waiting.ts'

export interface ConfigProviderCase<D extends ConfigDef = ConfigDef> extends Patience {
  readonly plugin: ConfigProviderPlugin<D>
  readonly props?: Props
  /** A path at which it has values: `secrets` in `${provider:secrets:password}`; '' where it has no paths. */
  readonly path: string
  /** What it has there, or some of it; at least two. */
  readonly values: Props
  /** A path at which it has nothing. */
  readonly absentPath?: string
}

/** A key that nobody has. */
const ABSENT = 'isthmus-testkit-absent'

/** What every config provider keeps to; what it knows are secrets. */
export function configProviderContract<D extends ConfigDef>({
  plugin,
  props = {},
  path,
  values,
  absentPath = '',
  patienceMs = PATIENCE_MS,
}: ConfigProviderCase<D>): Contract {
  const config = parseConfig(plugin.config, props)
  const open = () => plugin.open(config)
  const keys = Object.keys(values)
  const playing = played(open)
  return [
    {
      name: 'the keys that are asked for have their values, and no others are told',
      run: playing(async (provider) => {
        for (const key of keys)
          assert.deepEqual({ ...(await provider.get(path, [key])).values }, { [key]: values[key] })
        assert.deepEqual({ ...(await provider.get(path, keys)).values }, values)
      }),
    },
    {
      name: 'a key that is not there is left out, and the others are told',
      run: playing(async (provider) => {
        assert.deepEqual({ ...(await provider.get(path, [ABSENT, ...keys])).values }, values)
      }),
    },
    {
      name: 'a time to live is a number of milliseconds, or absent',
      run: playing(async (provider) => {
        const { ttlMs = 1 } = await provider.get(path, keys)
        assert.ok(Number.isFinite(ttlMs) && ttlMs > 0, `ttlMs is ${show(ttlMs)}`)
      }),
    },
    {
      name: 'those who ask at once, for different keys, get what they asked for',
      run: playing(async (provider) => {
        const answers = await Promise.all(keys.map(async (key) => (await provider.get(path, [key])).values))
        assert.deepEqual(
          answers.map((answer) => ({ ...answer })),
          keys.map((key) => ({ [key]: values[key] })),
        )
      }),
    },
    ...where(absentPath !== '', {
      name: 'a path that is not there has no values, or is named by the error, which tells none of the values',
      run: playing(async (provider) => {
        const failure = await failureOf(async () =>
          assert.deepEqual({ ...(await provider.get(absentPath, keys)).values }, {}),
        )
        if (failure === null) return
        const text = String(failure.error)
        assert.ok(text.includes(absentPath), `it does not name the path ${absentPath}: ${text}`)
        for (const value of Object.values(values))
          assert.ok(!text.includes(value), `it tells a value: ${text}`)
      }),
    }),
    ...endingClauses(
      open,
      async (provider) => {
        await provider.get(path, keys)
      },
      patienceMs,
    ),
  ]
}
