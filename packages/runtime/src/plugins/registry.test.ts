import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PluginDescriptor, PluginType } from './descriptor.ts'
import { aliasesOf, aliasTable, compareVersions, findConnector, findPlugin } from './registry.ts'
import { duplicateWarnings } from './version.ts'

const plugin = (type: PluginType, name: string, version: string | null = null): PluginDescriptor => ({
  kind: 'module',
  type,
  class: name,
  version,
  location: 'classpath',
  stamp: '',
  module: 'file:///x',
  export: 'x',
})

describe('names of plugins', () => {
  it('are the simple name and the simple name without its suffix', () => {
    const cases: [PluginType, string, string[]][] = [
      [
        'source',
        'org.apache.kafka.connect.file.FileStreamSourceConnector',
        ['FileStreamSource', 'FileStreamSourceConnector'],
      ],
      ['converter', 'org.apache.kafka.connect.json.JsonConverter', ['Json', 'JsonConverter']],
      ['header_converter', 'o.SimpleHeaderConverter', ['Simple', 'SimpleHeaderConverter']],
      ['transformation', 'o.RegexRouter', ['RegexRouter']],
      ['transformation', 'o.Cast$Value', ['Value']],
      ['config_provider', 'o.FileConfigProvider', ['File', 'FileConfigProvider']],
      ['sink', 'o.Connector', ['Connector']],
    ]
    for (const [type, name, aliases] of cases) assert.deepEqual(aliasesOf(plugin(type, name)), aliases)
  })

  it('stand for nothing when two classes share them, whatever their kinds', () => {
    const table = aliasTable([
      plugin('transformation', 'o.Cast$Value'),
      plugin('transformation', 'o.Flatten$Value'),
      plugin('source', 'a.FooConnector'),
      plugin('predicate', 'b.Foo'),
      plugin('converter', 'o.JsonConverter', '1'),
      plugin('converter', 'o.JsonConverter', '2'),
    ])
    assert.deepEqual(
      [...table],
      [
        ['FooConnector', 'a.FooConnector'],
        ['Json', 'o.JsonConverter'],
        ['JsonConverter', 'o.JsonConverter'],
      ],
    )
  })

  it('find a plugin of the right kind only, the newest version of it', () => {
    const plugins = [
      plugin('converter', 'o.JsonConverter', '1.2'),
      plugin('converter', 'o.JsonConverter', '1.10'),
    ]
    assert.equal(findPlugin(plugins, ['converter'], 'Json')?.version, '1.10')
    assert.equal(findPlugin(plugins, ['transformation'], 'Json'), undefined)
  })

  it('of connectors may be ambiguous, which is said', () => {
    const plugins = [plugin('source', 'a.FooConnector'), plugin('sink', 'b.FooConnector')]
    assert.throws(() => findConnector(plugins, 'Foo'), {
      code: 'plugin',
      message:
        /^More than one connector matches alias Foo\. Please use full package and class name instead\. Classes found: PluginDesc\{klass=class b\.FooConnector, .*\}, PluginDesc\{/,
    })
    assert.equal(findConnector(plugins, 'b.FooConnector').type, 'sink')
  })

  it('of one class and version: the one that comes with the worker counts, else that whose place is the later', () => {
    const at = (location: string, version = '1') => ({ ...plugin('sink', 'a.S', version), location })
    const found = (...plugins: readonly PluginDescriptor[]) => findPlugin(plugins, ['sink'], 'S')?.location
    assert.equal(found(at('/a'), at('classpath'), at('/z')), 'classpath')
    assert.equal(found(at('/z'), at('/a')), '/z')
    assert.equal(found(at('/a', '1.10'), at('classpath', '1.9')), '/a')
    assert.deepEqual(duplicateWarnings([at('/z'), at('/a'), at('/a', '2')]), [
      'The plugin a.S 1 is in /z and /a: that of /z counts.',
    ])
    const shipped = { ...at('classpath'), module: 'file:///m/s.js' }
    assert.deepEqual(duplicateWarnings([at('/a'), shipped]), [
      'The plugin a.S 1 is in /a and /m/s.js: that of /m/s.js counts.',
    ])
  })

  it('versions compare by their numbers', () => {
    assert.deepEqual(['2.0', null, '10.0', '2.0.1'].sort(compareVersions), [null, '2.0', '2.0.1', '10.0'])
  })
})
