import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseConfig } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { runWorker } from '@isthmus/testkit'
import { JsonConfigProvider } from './index.ts'

const folder = await mkdtempDisposable(join(tmpdir(), 'json-config-provider-'))
after(() => folder.remove())
const file = join(folder.path, 'secrets.json')
await writeFile(
  file,
  JSON.stringify({ topic: 'lines', database: { password: 'pa55', port: 5432, old: null } }),
)

test('JsonConfigProvider answers with what is at the keys, and leaves out what is not there', async () => {
  const provider = await JsonConfigProvider.open(parseConfig(JsonConfigProvider.config, {}))
  const keys = [
    'topic',
    'database.password',
    'database.port',
    'database',
    'database.old',
    'topic.x',
    'toString',
  ]
  assert.deepEqual(await provider.get(file, keys), {
    values: { topic: 'lines', 'database.password': 'pa55', 'database.port': '5432' },
  })
})

test('JsonConfigProvider names the file that it cannot read, and nothing that is in it', async () => {
  const provider = await JsonConfigProvider.open(parseConfig(JsonConfigProvider.config, {}))
  const broken = join(folder.path, 'broken.json')
  await writeFile(broken, '{"password": "pa55"')
  await assert.rejects(async () => provider.get(broken, ['password']), {
    message: `JsonConfigProvider: could not read ${broken}: it is no JSON`,
  })
  await assert.rejects(
    async () => provider.get('/no/such.json', ['x']),
    /could not read \/no\/such\.json: ENOENT/,
  )
  await assert.rejects(
    async () => provider.get('', ['x']),
    /neither the variable nor its config names a file/,
  )
})

test('JsonConfigProvider: a worker replaces variables by it', async () => {
  const sample = parseProperties(
    await readFile(new URL('custom-config-provider.properties', import.meta.url), 'utf8'),
  )
  await using worker = await runWorker({
    plugins: [new URL('.', import.meta.url)],
    props: { ...sample, 'config.providers.json.param.file': file },
  })
  await worker.connect('lines', {
    'connector.class': 'FileStreamSource',
    file: import.meta.filename,
    topic: `\${json:${file}:topic}-\${json:database.port}`,
  })
  const [first] = await worker.records('lines-5432', { count: 1 })
  assert.equal(first?.value, "import assert from 'node:assert/strict'")
})
