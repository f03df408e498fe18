import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columns } from './columns.ts'
import { converterProps } from './converter-options.ts'
import { lineProperties } from './line-properties.ts'
import { harmless, shownOf } from './text.ts'

test('bytes that are no text are shown as hexadecimal digits, and a terminal is told nothing to obey', () => {
  assert.equal(shownOf(Buffer.from('a\tb\né')), 'a\tb\né')
  assert.equal(shownOf(Buffer.from([0xc3])), '0xc3')
  assert.equal(shownOf(Buffer.from([0, 65])), '0x0041')
  assert.equal(harmless('\u001b[31mred\u0007\tend\n\u009b1m'), '\\x1b[31mred\\x07\tend\n\\x9b1m')
})

test('numbers stand to the right, and no line ends with blanks', () => {
  assert.equal(
    columns(
      ['NAME', 'N', ''],
      [
        ['a', 5, ''],
        ['longer', 10, 'x'],
      ],
    ),
    'NAME     N\na        5\nlonger  10  x\n',
  )
  assert.equal(columns(['A', 'B'], []), 'A  B\n')
})

test('properties of converters are taken out of the arguments', () => {
  const { rest, props } = converterProps([
    'topic',
    '--key-converter.a.b=c=d',
    '--value-converter',
    'X',
    '--value-converter.schemas.enable',
    'false',
  ])
  assert.deepEqual(rest, ['topic', '--value-converter', 'X'])
  assert.deepEqual(props, { key: { 'a.b': 'c=d' }, value: { 'schemas.enable': 'false' } })
})

test('properties of lines are known, and their tabs are tabs', () => {
  assert.deepEqual(lineProperties({ 'key.separator': ':', x: 'y' }, ['key.separator=\\t=']), {
    'key.separator': '\t=',
    x: 'y',
  })
  assert.throws(() => lineProperties({ 'print.key': 'a' }, ['print.kye=b']), /did you mean 'print\.key'\?/)
  assert.throws(
    () => lineProperties({ 'print.key': 'a' }, ['print.key']),
    /takes NAME=VALUE, not 'print\.key'/,
  )
})
