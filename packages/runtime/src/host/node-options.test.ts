import assert from 'node:assert/strict'
import { it } from 'node:test'
import { childEnv, childOptions } from './node-options.ts'

it("options of the worker's Node.js go on to a connector's process, but for its program, its debugger and the sizes of its heap", () => {
  assert.deepEqual(
    childOptions([
      '--import',
      './x.ts',
      '--inspect-brk=0',
      '--inspect-port',
      '9230',
      '--conditions=a',
      '--max_old_space_size=64',
      '-e',
      'the worker itself',
      '--input-type=module',
    ]),
    ['--import', './x.ts', '--conditions=a'],
  )
  const env = {
    PATH: '/bin',
    NODE_OPTIONS: '--inspect --require "./a b.js" --max-old-space-size=99 --no-warnings',
  }
  assert.deepEqual(childEnv(env), { PATH: '/bin', NODE_OPTIONS: '--require "./a b.js" --no-warnings' })
  assert.deepEqual(childEnv({ PATH: '/bin', NODE_OPTIONS: '--inspect=0' }), { PATH: '/bin' })
  assert.deepEqual(childEnv({ A: 'b' }), { A: 'b' })
})
