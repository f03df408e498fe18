import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandLine, optionsOnly } from './command-line.ts'

const USAGE = 'Usage: isthmus this\n'

function parsed(...args: readonly string[]) {
  const said = { out: '', err: '' }
  const outputs = {
    out: (text: string) => {
      said.out += text
    },
    err: (text: string) => {
      said.err += text
    },
  }
  const result = commandLine(args, USAGE, { port: { type: 'string', default: '1' } }, outputs)
  return { result, ...said }
}

test('--help and -h print the usage, --version the version, and end with 0 wherever they stand', () => {
  for (const args of [['--help'], ['-h'], ['x', '-h'], ['--port', '7', '--help'], ['-h', '--version']])
    assert.deepEqual(parsed(...args), { result: 0, out: USAGE, err: '' })
  assert.match(parsed('x', '--version').out, /^Isthmus \d/)
})

test('options and the rest are taken apart; behind -- nothing is an option', () => {
  const { result } = parsed('a', '--port=7', '--', '--help')
  assert.ok(typeof result === 'object')
  assert.deepEqual([result.values.port, result.positionals], ['7', ['a', '--help']])
})

test('a mistake is said in one line, and ends with 1', () => {
  for (const [args, said] of [
    [['--prt', '7'], "Unknown option '--prt'; did you mean '--port'?"],
    [['--else'], "Unknown option '--else'."],
    [['--port'], "Option '--port <value>' argument missing."],
    [['--port', '-1'], "Option '--port' argument is ambiguous."],
    [['-h=1'], "Unknown option '-='."],
  ] as const) {
    const { result, out, err } = parsed(...args)
    assert.deepEqual([result, out, err], [1, '', `${said} See isthmus this --help.\n`])
  }
})

test('a command of options alone says what else it was given', () => {
  const said: string[] = []
  const outputs = { out: assert.fail, err: (text: string) => void said.push(text) }
  const options = { once: { type: 'boolean' } } as const
  assert.equal(optionsOnly('isthmus this', ['--once', 'x'], USAGE, options, outputs), 1)
  assert.deepEqual(said, ["isthmus this takes options only, not 'x'. See isthmus this --help.\n"])
  const given = optionsOnly('isthmus this', ['--once'], USAGE, options, outputs)
  assert.ok(typeof given === 'object' && given.once === true)
})
