import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from '../process/eventually.ts'
import { newTopic } from '../process/file-copy.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { openRestWorker } from '../rest/worker.ts'

const plugins = fileURLToPath(new URL('plugins', import.meta.url))
const kafka = process.env['ISTHMUS_KAFKA']

/** Every answer of the API and every line of the log, as text. */
async function openListener(path: string) {
  const worker = await openRestWorker({
    'plugin.path': plugins,
    'config.providers': 'file,env',
    'config.providers.file.class': 'FileConfigProvider',
    'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
    'config.providers.file.param.allowed.paths': path,
    ...(kafka !== undefined && { 'bootstrap.servers': kafka }),
  })
  const answers: { request: string; status: number; text: string }[] = []
  const ask = async (method: string, resource: string, body?: unknown) => {
    const answer = await fetch(`${worker.url}${resource}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    answers.push({ request: `${method} ${resource}`, status: answer.status, text })
    return { status: answer.status, text }
  }
  await ask('PUT', '/admin/loggers/root', { level: 'TRACE' })
  return { worker, answers, ask }
}

test('secrets are in no log, trace, status, validation or stored task config, wherever a connector tells them', async () => {
  const secrets = {
    url: `s3cr3t-${randomBytes(12).toString('hex')}`,
    pin: `p1n-"${randomBytes(6).toString('hex')}\\`,
    env: `env-${randomBytes(9).toString('base64url')}`,
    literal: `literal-${randomBytes(9).toString('base64url')}`,
    store: `store-${randomBytes(6).toString('hex')}`,
    salt: `salt-${randomBytes(6).toString('hex')}`,
  }
  process.env['ISTHMUS_TEST_HUNTED'] = secrets.env
  await using dir = await openTempDir()
  const file = dir.at('hunted.properties')
  await writeFile(file, `url=${secrets.url}\npin=${secrets.pin.replaceAll('\\', '\\\\')}\n`)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => {
    delete process.env['ISTHMUS_TEST_HUNTED']
  })
  const { worker, answers, ask } = await openListener(file)
  stack.use(worker)

  const config = (fault: string, more: object = {}) => ({
    'connector.class': 'test.LeakySource',
    fault,
    url: `jdbc:x://user:\${file:${file}:url}@host/db`,
    pin: `\${file:${file}:pin}`,
    key: `\${env:ISTHMUS_TEST_HUNTED}`,
    'api.key': secrets.literal,
    ...more,
  })
  const failing = {
    connector: config('connector'),
    configs: config('configs'),
    raise: config('raise'),
    task: config('task'),
    poll: config('poll'),
    uncaught: config('uncaught'),
    thrown: config('thrown'),
    timer: config('timer'),
    transform: config('', {
      topic: newTopic(),
      transforms: 'leak',
      'transforms.leak.type': 'test.LeakyTransform',
      'transforms.leak.salt': secrets.salt,
      'errors.log.enable': 'true',
    }),
    client: config('', { 'producer.override.acks': `\${env:ISTHMUS_TEST_HUNTED}` }),
    login: config('', {
      'producer.override.security.protocol': 'SASL_PLAINTEXT',
      'producer.override.sasl.mechanism': 'PLAIN',
      'producer.override.sasl.jaas.config': `not a login \${env:ISTHMUS_TEST_HUNTED}`,
    }),
  }
  for (const [name, props] of Object.entries(failing)) {
    await ask('PUT', `/connectors/${name}/config`, props)
    await eventually(`${name} fails`, async () => {
      const { text } = await ask('GET', `/connectors/${name}/status`)
      return text.includes('FAILED')
    })
    await ask('GET', `/connectors/${name}/tasks`)
    await ask('GET', `/connectors/${name}/tasks-config`)
    await ask('POST', `/connectors/${name}/restart?includeTasks=true`)
  }
  await ask('PUT', '/connectors/printed/config', config('printed'))
  await eventually('the last line that is printed is in the log', async () =>
    worker.lines.some((line) => line.includes('printed by emitWarning 2')),
  )
  const bad = [
    config('', { 'producer.override.ssl.keystore.password': secrets.store, 'tasks.max': 'x' }),
    config('validate'),
    config('', { 'tasks.max': `\${file:${file}:url}` }),
    config('', { 'errors.tolerance': `\${env:ISTHMUS_TEST_HUNTED}`, transforms: 'a' }),
    config('', { 'transforms.x.type': `\${env:ISTHMUS_TEST_HUNTED}`, transforms: 'x' }),
    config('', { 'value.converter': `\${env:ISTHMUS_TEST_HUNTED}` }),
    config('', { 'key.converter': 'JsonConverter', 'key.converter.schemas.enable': `\${file:${file}:url}` }),
    config('', { 'producer.override.acks': `\${env:ISTHMUS_TEST_HUNTED}` }),
    { ...config(''), 'connector.class': `\${env:ISTHMUS_TEST_HUNTED}` },
  ]
  for (const props of bad) {
    await ask('PUT', '/connector-plugins/LeakySource/config/validate', props)
    await ask('POST', '/connectors', { name: 'bad', config: props })
  }
  await ask('GET', '/connectors?expand=status&expand=info')
  const told = [
    ...answers.map(({ request, text }) => [request, text] as const),
    ...worker.lines.map((line) => ['log', line] as const),
  ]
  assert.ok(told.length > 100)
  // what was tried did happen: the connectors tell what they know, and the worker shows the variables in its place
  for (const word of [
    'lost the connection of',
    'threw {',
    'text of {',
    ...['console.log', 'console.error', 'stdout', 'descriptor', 'emitWarning'].flatMap((way) =>
      [0, 1, 2].map((form) => `printed by ${way} ${form}`),
    ),
    'nobody catches',
    'cannot hash with',
    'no such database',
  ])
    assert.ok(
      told.some(([, text]) => text.includes(word)),
      word,
    )
  // under the name of whose code it was
  assert.ok(worker.lines.some((line) => line.includes('[printed|task-0] printed by console.log 0')))
  assert.ok(told.some(([from, text]) => from === 'log' && text.includes(`\${file:${file}:url}`)))
  const escaped = (text: string) => JSON.stringify(text).slice(1, -1)
  for (const [name, secret] of Object.entries(secrets)) {
    const given = name === 'literal' || name === 'salt'
    const leaks = told.filter(
      ([from, text]) =>
        (text.includes(secret) ||
          text.includes(encodeURIComponent(secret)) ||
          bytesIn(text).includes(secret) ||
          text.includes(escaped(secret)) ||
          text.includes(escaped(escaped(secret)))) &&
        // what a config says literally is given back to whoever asks for the config, as in Java
        !(given && from !== 'log' && isConfig(text, secret)),
    )
    assert.deepEqual(leaks.slice(0, 3), [], `${leaks.length} places tell ${name}`)
  }
})

/** What the words of Base64 in a text stand for. */
const bytesIn = (text: string): string =>
  (text.match(/[A-Za-z0-9+/_-]{8,}/g) ?? []).map((word) => Buffer.from(word, 'base64').toString()).join(' ')

/** Whether the secret is in an answer only as the value of a property in a config. */
function isConfig(text: string, secret: string): boolean {
  const property = new RegExp(`"(api\\.key|transforms\\.leak\\.salt|pin)":"${secret}"`, 'g')
  return !text.replaceAll(property, '').includes(secret)
}
