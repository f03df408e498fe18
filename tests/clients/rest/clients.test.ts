import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { fetched, javaIsAbsent, pythonIsAbsent } from '../availability.ts'
import { clients } from './clients.ts'
import { compare } from './compare.ts'
import type { Played } from './play.ts'
import { openStage } from './stage.ts'

/** Plays a client to a worker of ours and compares with what Java's let it do. Null: the client cannot be had here. */
async function playedAsToJava(t: TestContext, name: keyof typeof clients): Promise<readonly Played[] | null> {
  const client = clients[name]
  if ((await fetched<unknown>(t, name, client.fetch)) === null) return null
  const golden = await readFile(new URL(`golden/${name}.json`, import.meta.url), 'utf8')
  await using stage = await openStage('isthmus', client)
  const played = await client.play(stage)
  assert.deepEqual(compare(JSON.parse(golden) as readonly Played[], played), [])
  return played
}

const SUBCOMMAND = /^ {2}([a-z0-9-]+) {2,}/
/** The commands that `--help` lists. */
function commandsOf([help]: readonly Played[]): readonly string[] {
  const lines = (help?.output ?? []) as string[]
  return lines.slice(lines.indexOf('Commands:')).flatMap((line) => SUBCOMMAND.exec(line)?.[1] ?? [])
}

for (const name of ['kc', 'kafkaconnect'] as const) {
  test(`${name} does with our worker what it does with Java's, by every command it has`, {
    skip: pythonIsAbsent(),
  }, async (t) => {
    const played = await playedAsToJava(t, name)
    if (played === null) return
    const commands = commandsOf(played)
    assert.ok(commands.length > 10, String(commands))
    const missed = commands.filter(
      (command) => !played.some((one) => one.command.startsWith(`${name} ${command}`)),
    )
    assert.deepEqual(missed, [])
  })
}

test("SourceLab's client, which AKHQ uses, does with our worker what it does with Java's, by every method", {
  skip: javaIsAbsent(),
}, async (t) => {
  const played = await playedAsToJava(t, 'sourcelab')
  if (played === null) return
  assert.deepEqual(played.at(-1), { command: 'not called', code: 0, output: [[]] })
})
