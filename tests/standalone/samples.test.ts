import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sinkDef, sourceDef } from '@isthmus/runtime/definitions'
import { parseConfig } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { shippedPlugins } from '../../scripts/docs/plugins.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFile(`${root}${path}`, 'utf8')

test('the files of etc are those of config, also where links are not links', async () => {
  const files = globSync('etc/*/*.properties', { cwd: root })
  assert.ok(files.length >= 3)
  for (const path of files) assert.equal(await read(path), await read(`config/${basename(path)}`), path)
})

test('a sample for the REST API says what the one for the command line says', async () => {
  const files = globSync('config/*.json', { cwd: root })
  assert.ok(files.length >= 4)
  for (const path of files) {
    const config = parseProperties(await read(path.replace(/json$/, 'properties')))
    assert.deepEqual(JSON.parse(await read(path)), { name: config['name'], config }, path)
  }
})

test('workers for two connectors side by side have a port and an offsets file each', async () => {
  for (const [one, other] of [
    ['backup', 'restore'],
    ['sink', 'source'],
  ]) {
    const [a = {}, b = {}] = await Promise.all(
      [one, other].map(async (name) =>
        parseProperties(await read(`config/connect-standalone-${name}.properties`)),
      ),
    )
    for (const property of ['listeners', 'offset.storage.file.filename'] as const)
      assert.notEqual(a[property], b[property], property)
  }
})

test('a sample of a connector names properties that there are, also where it leaves them out, with values that they take', async () => {
  const plugins = await shippedPlugins()
  let connectors = 0
  for (const path of globSync('config/*.properties', { cwd: root })) {
    const text = await read(path)
    const props = parseProperties(text)
    const wanted = props['connector.class']
    if (wanted === undefined) continue
    connectors++
    const plugin = plugins.find(({ class: name }) =>
      [wanted, `${wanted}Connector`].some((one) => `.${name}`.endsWith(`.${one}`)),
    )
    assert.ok(plugin !== undefined, `${path}: ${wanted}`)
    const def = { ...(plugin.type === 'sink' ? sinkDef : sourceDef), ...plugin.config }
    parseConfig(def, props)
    for (const [, name = ''] of text.matchAll(/^#?([\w.]+)=/gm)) assert.ok(name in def, `${path}: ${name}`)
  }
  assert.ok(connectors >= 10)
})
