import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { startChild } from '../process/child.ts'
import { freePorts } from '../process/ports.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { isthmusMain, runIsthmus } from './command.ts'

// one broker for all: each test has topics of its own
const stack = new AsyncDisposableStack()
after(() => stack.disposeAsync())
const dir = stack.use(await openTempDir())
const broker = stack.use(await openBroker({ dataDir: dir.at('broker') }))
const server = ['--bootstrap-server', broker.bootstrapServers]

/** Runs a command that must succeed. */
async function isthmus(line: string, input = ''): Promise<string> {
  const { code, out, err } = await runIsthmus([...line.split(' '), ...server], input)
  assert.equal(code, 0, `${line}: ${out}${err}`)
  return out
}
const jsonOf = (lines: string) =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('topics are created, listed, described and deleted', async () => {
  const made = await isthmus('topics create t-a t-b --partitions 2 --config retention.ms=3600000')
  assert.equal(made, 'Created topic t-a.\nCreated topic t-b.\n')
  await isthmus('produce t-a', 'one\ntwo\n')
  const [listed, other] = jsonOf(await isthmus('topics list t-a t-b --json'))
  assert.deepEqual(listed, { topic: 't-a', partitions: 2, replicationFactor: 1, internal: false })
  assert.equal(other.topic, 't-b')
  const described = await isthmus('topics describe t-a')
  assert.match(
    described,
    /^Topic t-a: 2 partitions, replication factor 1, 2 records\nConfigured for the topic:\n {2}retention\.ms=3600000\nPARTITION +LEADER/,
  )
  const [{ partitions, configs }] = jsonOf(await isthmus('topics describe t-a --json'))
  assert.deepEqual(configs, { 'retention.ms': '3600000' })
  const latest = partitions.map((p: { latest: number }) => p.latest)
  assert.equal(latest[0] + latest[1], 2)
  assert.equal(await isthmus('topics create t-a --if-not-exists'), 'Topic t-a exists already.\n')
  assert.equal(
    await isthmus('topics delete t-b t-c --if-exists'),
    'Deleted topic t-b.\nTopic t-c does not exist.\n',
  )
})

test('keys, headers, nulls and bytes that are no text come back as they were written', async () => {
  await isthmus('topics create round again')
  const lines = 'h:v,n:NULL|k|{"x":12345678901234567890}\nNULL|NULL|NULL\n'
  const how = '--property parse.key=true --property parse.headers=true --property null.marker=NULL'
  const cut = '--property headers.delimiter=| --property key.separator=|'
  await isthmus(`produce round ${how} ${cut}`, lines)
  await isthmus('produce round --json', '{"key": {"hex": "00ff"}, "value": "é", "timestamp": 5}\n')
  const shown = await isthmus('consume round --details --from-beginning --max-messages 3')
  assert.deepEqual(shown.replaceAll(/CreateTime:\d{2,}/g, 'CreateTime:…').split('\n'), [
    'CreateTime:…\tPartition:0\tOffset:0\th:v,n:null\tk\t{"x":12345678901234567890}',
    'CreateTime:…\tPartition:0\tOffset:1\tNO_HEADERS\tnull\tnull',
    'CreateTime:5\tPartition:0\tOffset:2\tNO_HEADERS\t0x00ff\té',
    '',
  ])
  const first = await isthmus('consume round --json --offset earliest --max-messages 3')
  await isthmus('produce again --json', first)
  const second = await isthmus('consume again --json --offset=-3 --max-messages 3')
  assert.equal(second, first.replaceAll('"topic":"round"', '"topic":"again"'))
})

test('any converter shows and writes records, those of plugin.path too, numbers to the last digit', async () => {
  await isthmus('topics create numbers json loud')
  await isthmus('produce numbers --value-converter LongConverter', '7\n9223372036854775807\n')
  const read = 'consume numbers --from-beginning --max-messages 2'
  assert.equal(await isthmus(read), '0x0000000000000007\n0x7fffffffffffffff\n')
  assert.equal(await isthmus(`${read} --value-converter Long`), '7\n9223372036854775807\n')
  // from one form into another, and its schema with it
  const lines = await isthmus(`${read} --value-converter Long --json`)
  await isthmus('produce json --json --value-converter JsonConverter', lines)
  const envelope = '{"schema":{"type":"int64","optional":true},"payload":9223372036854775807}'
  const last = 'consume json --offset=-1 --max-messages 1'
  assert.equal(await isthmus(last), `${envelope}\n`)
  assert.equal(await isthmus(`${last} --value-converter JsonConverter`), '9223372036854775807\n')
  await isthmus(
    'produce json --value-converter JsonConverter --value-converter.schemas.enable=false',
    '{"a": 1}\n',
  )
  assert.equal(await isthmus(last), '{"a":1}\n')

  await writeFile(
    dir.at('loud.mjs'),
    `export const Loud = {
      type: 'converter', class: 'example.LoudConverter', version: null, config: {},
      open: () => ({
        fromConnectData: (topic, schema, value) => String(value).toUpperCase(),
        toConnectData: (topic, bytes) => ({ schema: null, value: Buffer.from(bytes).toString().toLowerCase() }),
      }),
    }`,
  )
  await isthmus(`produce loud --value-converter example.LoudConverter --plugin-path ${dir.path}`, 'hello\n')
  assert.equal(await isthmus('consume loud --from-beginning --max-messages 1'), 'HELLO\n')
})

test('lines that cannot be written are reported by their numbers, and the others are written', async () => {
  await isthmus('topics create some --config max.message.bytes=1000')
  const lines = `a:1\nno key\n${'x'.repeat(2000)}:y\nb:2\n`
  const key = ['--property', 'parse.key=true', '--property', 'key.separator=:']
  const { code, err } = await runIsthmus(['produce', 'some', ...server, ...key], lines)
  assert.equal(code, 1)
  assert.match(err, /^Line 2 was not written: it has no ":" behind its key$/m)
  assert.match(err, /^Line 3 was not written: .*(MESSAGE_TOO_LARGE|too large|larger)/m)
  assert.equal(await isthmus('consume some --from-beginning --timeout-ms 300'), '1\n2\n')
  const json = await runIsthmus(['produce', 'some', '--json', ...server], '{"vlaue": 1}\n{"value": {}}\n{\n')
  assert.match(
    json.err,
    /^Line 1 was not written: it has a field 'vlaue'; did you mean 'value'\?\nLine 2 .*JsonConverter\nLine 3 .*no JSON/,
  )
})

test('a group is described while it reads, reset when it is empty, and deleted', async () => {
  await isthmus('topics create grouped --partitions 2')
  await isthmus('produce grouped', '1\n2\n3\n')
  {
    const args = ['consume', 'grouped', '--group', 'readers', '--from-beginning', ...server]
    await using reader = startChild(process.execPath, [isthmusMain, ...args])
    await reader.printed(/(\d\n){3}/)
    const described = await isthmus('groups describe readers')
    assert.match(described, /^Group readers: consumer, Stable, range, 1 member/)
    assert.match(described, /grouped +0 .* isthmus-\S+ +127\.0\.0\.1 +isthmus\ngrouped +1 /)
    const busy = await runIsthmus(['groups', 'reset', 'readers', '--all-topics', '--to-earliest', ...server])
    assert.equal(busy.code, 1)
    assert.match(busy.err, /^Group 'readers' has members \(its state is Stable\)/)
    reader.kill('SIGINT')
    assert.equal(await reader.ended, 0)
  }
  const lagOf = async (): Promise<number[]> => {
    const [{ offsets }] = jsonOf(await isthmus('groups describe readers --json'))
    return offsets.map(({ lag }: { lag: number | null }) => lag ?? 0)
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
  assert.equal(sum(await lagOf()), 0)
  const plan = await runIsthmus([
    'groups',
    'reset',
    'readers',
    '--topic',
    'grouped',
    '--to-earliest',
    ...server,
  ])
  assert.match(
    plan.out,
    /^TOPIC +PARTITION +CURRENT-OFFSET +NEW-OFFSET\ngrouped +0 +\S+ +0\ngrouped +1 +\S+ +0\n$/,
  )
  assert.equal(plan.err, 'Nothing has been changed: --execute does it.\n')
  assert.equal(sum(await lagOf()), 0)
  await isthmus('groups reset readers --topic grouped --to-earliest --execute')
  assert.equal(sum(await lagOf()), 3)
  await isthmus('groups reset readers --all-topics --to-offset 99 --execute')
  assert.equal(sum(await lagOf()), 0)
  assert.match(await isthmus('groups list'), /^readers +consumer +Empty$/m)
  assert.equal(await isthmus('groups delete readers'), 'Deleted group readers.\n')
})

test('what a user can mend is one line', async () => {
  await isthmus('topics create orders')
  const [free = 0] = await freePorts(1)
  await writeFile(dir.at('client.properties'), 'security.protocol=nonsense\n')
  const cases: readonly (readonly [line: string, code: number, said: RegExp])[] = [
    ['consume ordres', 1, /^Topic 'ordres' does not exist; did you mean 'orders'\?$/],
    ['produce zzz', 1, /^Topic 'zzz' does not exist; isthmus topics create zzz creates it\.$/],
    ['topics describe ordres', 1, /did you mean 'orders'/],
    ['topics create orders', 1, /'orders' already exists/],
    ['topics create x --partitions none', 1, /^--partitions takes a number from 1, not 'none'\.$/],
    ['topics lst', 1, /^Unknown word 'lst'; did you mean 'list'\? See isthmus topics --help\.$/],
    ['groups describe none', 1, /^Group 'none' does not exist/],
    ['groups reset none --topic orders', 1, /^Say where to, once/],
    ['consume orders --ofset 3', 1, /^Unknown option '--ofset'; did you mean '--offset'\?/],
    ['consume orders --offset 3', 1, /^orders-0 has no offset 3/],
    ['consume orders --partition 3', 1, /^Topic 'orders' has no partition 3; its last one is 0\.$/],
    ['consume orders --property print.kye=true', 1, /did you mean 'print\.key'\?$/],
    ['consume orders --value-converter Avro', 1, /Class Avro could not be found/],
    [
      `topics list --bootstrap-server localhost:${free}`,
      2,
      /^Kafka at localhost:\d+ cannot be reached: .*ECONNREFUSED/,
    ],
    [`topics list --command-config ${dir.at('none')}`, 2, /cannot be read: there is no such file$/],
    [
      `topics list --command-config ${dir.at('client.properties')}`,
      2,
      /Invalid value nonsense for configuration security\.protocol/,
    ],
  ]
  for (const [line, code, said] of cases) {
    const ended = await runIsthmus([
      ...line.split(' '),
      ...(line.includes('--bootstrap-server') ? [] : server),
    ])
    assert.equal(ended.code, code, `${line}: ${ended.out}${ended.err}`)
    assert.match(ended.err.trimEnd(), said)
    assert.equal(ended.err.trimEnd().split('\n').length, 1, ended.err)
  }
})

test('who stops reading ends it, as does Ctrl-C: without a word, and with 0', async () => {
  await isthmus('topics create flow')
  await isthmus('produce flow', 'x\n'.repeat(10_000))
  const child = spawn(process.execPath, [isthmusMain, 'consume', 'flow', '--from-beginning', ...server], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const ended = once(child, 'exit')
  // it notices with what it writes next
  await isthmus('produce flow', 'y\n')
  assert.deepEqual(await ended, [0, null])
  assert.equal(said, '')

  await using follower = startChild(process.execPath, [
    isthmusMain,
    'consume',
    'flow',
    '--offset=-1',
    ...server,
  ])
  await follower.printed('y\n')
  follower.kill('SIGINT')
  assert.equal(await follower.ended, 0)
  assert.equal(follower.output(), 'y\n')
})
