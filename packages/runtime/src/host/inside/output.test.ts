import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogEntry } from '../../log/log.ts'
import { openOwner, runAs } from '../../secrets/owner.ts'
import { hideNamedSecrets } from '../../secrets/secrets.ts'
import { until } from '../../testing/until.ts'
import { openOutput } from './output.ts'

function given() {
  const entries: LogEntry[] = []
  const clock = { now: 0 }
  const { print: output, flush } = openOutput(
    (entry) => entries.push(entry),
    () => clock.now,
  )
  const lines = () => entries.map(({ level, logger, context, message }) => [level, logger, context, message])
  return { output, flush, entries, lines, clock }
}

describe('what plugins print', () => {
  it('is lines of the log, each of the instance whose code printed it', async () => {
    const { output, lines } = given()
    const [one, other] = [openOwner('[one|task-0]'), openOwner('[other|worker]')]
    runAs(one, () => output('stdout', 'half a '))
    runAs(other, () => output('stderr', '\u001b[31mred\u001b[0m\r\n'))
    await runAs(one, async () => {
      await null
      output('stdout', Buffer.from('line\nand 2\n\n'))
    })
    const umlaut = Buffer.from('ü')
    output('stdout', umlaut.subarray(0, 1))
    output('stdout', umlaut.subarray(1))
    output('stdout', '\n')
    assert.deepEqual(lines(), [
      ['warn', 'stderr', '[other|worker]', 'red'],
      ['info', 'stdout', '[one|task-0]', 'half a line'],
      ['info', 'stdout', '[one|task-0]', 'and 2'],
      ['info', 'stdout', '', 'ü'],
    ])
  })

  it('is told though its line has no end, and in parts where that is far', async () => {
    const { output, entries } = given()
    output('stdout', 'Password: ')
    await until(() => entries.length === 1)
    output('stdout', 'x'.repeat(100_000))
    await until(() => entries.reduce((sum, { message }) => sum + message.length, 0) > 100_000)
    assert.ok(entries.every(({ message }) => message.length <= 16_384))
  })

  it('tells no secret, whether it comes in pieces or has several lines', () => {
    const { output, entries } = given()
    const owner = openOwner('[s|task-0]')
    runAs(owner, () => {
      hideNamedSecrets({ password: 'first-line-of-it\nsecond-line-of-it' })
      output('stdout', 'it is first-li')
      output('stdout', 'ne-of-it\nsecond-line-of-it\n')
      output('stdout', `${'x'.repeat(16_380)}first-line-of-it`)
      output('stdout', '\n')
    })
    assert.doesNotMatch(JSON.stringify(entries), /first|second/)
  })

  it('is left out, and counted, where it comes without end', () => {
    const { output, flush, entries, clock } = given()
    for (let i = 0; i < 5000; i++) output('stdout', `line ${i}\n`)
    assert.equal(entries.length, 1000)
    clock.now = 1000
    output('stdout', 'later\n')
    output('stderr', 'the last word')
    flush()
    assert.deepEqual(
      entries.slice(1000).map(({ message }) => message),
      ['4000 lines of output were left out: more than 1000 in a second', 'later', 'the last word'],
    )
  })
})
