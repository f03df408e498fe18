import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConnectorFile } from './connector-file.ts'

const parse = (text: string) => parseConnectorFile('c.x', Buffer.from(text))

test('a flat JSON object is the config; numbers keep the text they are written in', () => {
  assert.deepEqual(
    parse('{"name":"a","tasks.max":1,"x":1.50,"y":true,"z":null,"big":12345678901234567890}'),
    {
      name: 'a',
      config: { name: 'a', 'tasks.max': '1', x: '1.50', y: 'true', big: '12345678901234567890' },
      initialState: null,
    },
  )
})

test('a create request gives its name to the config, and its initial state', () => {
  assert.deepEqual(parse('\ufeff{"name":"a","config":{"topic":"t"},"initial_state":"paused","more":[1]}'), {
    name: 'a',
    config: { topic: 't', name: 'a' },
    initialState: 'PAUSED',
  })
  assert.equal(parse('{"name":"a","config":{"name":"a"}}').initialState, null)
})

test('anything else is Java properties', () => {
  assert.deepEqual(parse('# sink\nname=local-file-sink\nfile = test.sink.txt').config, {
    name: 'local-file-sink',
    file: 'test.sink.txt',
  })
})

test('what is wrong is said with the name of the file', () => {
  const missing = "Connector configuration at 'c.x' is missing the mandatory 'name' configuration"
  assert.throws(() => parse('topic=t'), { message: missing })
  assert.throws(() => parse('{"topic":"t"}'), { message: missing })
  assert.throws(() => parse('{"config":{"name":"a"}}'), { message: missing })
  assert.throws(() => parse('{"name":"a",}'), /mandatory 'name' configuration \(it is not valid JSON: /)
  assert.throws(() => parse('{"name":"a","config":{"name":"b"}}'), {
    message: "Connector name configuration in 'config' doesn't match the one specified in 'name' at 'c.x'",
  })
  assert.throws(
    () => parse('{"name":"a","config":{},"initial_state":"asleep"}'),
    /initial_state "asleep": use RUNNING/,
  )
  assert.throws(() => parse('{"name":"a","x":{"y":1}}'), /nested value under 'x'/)
})
