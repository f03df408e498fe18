import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openSimulator } from '@isthmus/kinetica-simulator'
import { fetched, pythonIsAbsent } from '../clients/availability.ts'
import { openVenv } from '../clients/python/venv.ts'
import { startChild } from '../process/child.ts'

const program = fileURLToPath(new URL('python/judge.py', import.meta.url))

const full = [
  '-12345678.90',
  '1.5000',
  '2020-02-29',
  '23:59:59.999',
  '2020-01-02 03:04:05.600',
  '10.0.0.255',
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  '18446744073709551615',
  '{"a":1}',
  '00ff',
]

const sparse = [
  '0.00',
  '0.0000',
  '1000-01-01',
  '00:00:00.000',
  '1000-01-01 00:00:00.000',
  '0.0.0.0',
  '00000000-0000-0000-0000-000000000000',
  '0',
  '[]',
  null,
]

const exists = 'Primary key violation: a record with the primary key (id=1) exists'

// numbers that a double cannot hold are compared in the simulator's rows
const expected = (monitorPort: number): object => ({
  connecting: {
    running: true,
    version: '7.2.3.0',
    monitor_port: String(monitorPort),
    wrong_password: `"Unauthorized access: 'Unauthorized'"`,
  },
  types: {
    rows: [
      [
        Number(2n ** 63n - 1n),
        1,
        -128,
        32767,
        1,
        1577934245600,
        0.5,
        1e300,
        'söme text',
        'x',
        'y'.repeat(256),
        ...full,
      ],
      [Number(-(2n ** 63n)), 2, 127, -32768, 0, 0, -1.25, null, null, '', '', ...sparse],
    ],
    in_json: [Number(2n ** 63n - 1n), Number(-(2n ** 63n))],
    properties: {
      id: ['primary_key'],
      shard: ['primary_key', 'shard_key'],
      i8: ['int8'],
      i16: ['int16'],
      flag: ['boolean'],
      stamp: ['timestamp'],
      f: [],
      d: ['nullable'],
      s: ['nullable', 'text_search'],
      c1: ['char1', 'dict'],
      c256: ['char256'],
      price: ['decimal(10,2)'],
      plain_decimal: ['decimal'],
      day: ['date'],
      hour: ['time'],
      moment: ['datetime'],
      ip: ['ipv4'],
      uid: ['uuid'],
      u64: ['ulong'],
      doc: ['json'],
      raw: ['nullable', 'store_only'],
    },
    size: 2,
  },
  keys: {
    collision: `"Table 'judged.keyed': record 1: ${exists} (I/Ir:702)"`,
    upserted: [1, 1],
    bad: {
      bad_record_indices: '1,2',
      error_1: "Column 'id' of type 'int' cannot take 'x'",
      error_2: "Column 'name': value 'seventeen letters': has 17 characters, and at most 16 are allowed",
    },
    rows: [
      [1, 'uno'],
      [2, null],
      [3, null],
      [4, null],
    ],
    filtered: [
      [4, null],
      [3, null],
      [2, null],
    ],
  },
  bulk: {
    'judged.bulk': { size: 1000, pages: [400, 400, 200] },
    'judged.bulk_multihead': { size: 1000, pages: [400, 400, 200] },
  },
  altering: {
    rows: [
      [1, 'one', null],
      [2, null, 0.5],
    ],
    deleted: 1,
  },
  plain_json: {
    inserted: 2,
    got: { total_number_of_records: 2, has_more_records: true, records: [{ name: null }] },
    shown: true,
    left: false,
  },
  errors: {
    missing_table: "Table 'judged.missing' does not exist (TM/Mt:401)",
    property: "Column 'a' of type 'int' cannot have the property 'char8' (T/Tc:105)",
    expression: "Invalid expression 'nix = 1': unknown column 'nix' (E/Ex:503)",
    sql: "Endpoint '/execute/sql' is not supported",
  },
  monitors: {
    events: [
      ['delete', 1],
      ['insert', { id: 1, name: 'one' }],
      ['insert', { id: 2, name: null }],
      ['update', 1],
    ],
    left: [],
  },
})

test("Kinetica's client for Python finds a database in the simulator", {
  skip: pythonIsAbsent(),
  timeout: 240_000,
}, async (t) => {
  const requirements = new URL('python/gpudb.txt', import.meta.url)
  const venv = await fetched(t, 'gpudb', () => openVenv('gpudb', requirements))
  if (venv === null) return
  await using simulator = await openSimulator({ user: 'u', password: 'p' })
  const args = [program, simulator.url, String(simulator.monitorPort()), 'u', 'p']
  await using child = startChild(venv('python'), args, { longestMs: 120_000, stdin: 'pipe' })
  await child.printed('monitoring')
  for (const { table, topic } of simulator.monitors.all()) await simulator.monitors.subscribed(table, topic)
  child.stdin?.end('\n')
  assert.equal(await child.ended, 0, child.output())
  const last = child.output().trimEnd().split('\n').at(-1) ?? ''
  assert.deepEqual(JSON.parse(last), expected(simulator.monitorPort()))
  assert.deepEqual(
    simulator.rows('judged.types').map(({ id }) => id),
    [2n ** 63n - 1n, -(2n ** 63n)],
  )
})
