import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retriable } from '@isthmus/sdk'
import { openedBy, pluginFault } from './faults.ts'

test('what a function of a plugin opens can do what is asked of it, or says what is wrong', async () => {
  const task = { poll() {}, async [Symbol.asyncDispose]() {} }
  const open = (made: unknown) => openedBy('The task of my.C', () => made, ['poll', Symbol.asyncDispose])
  assert.equal(await open(task), task)
  assert.equal(await open(Promise.resolve(task)), task)
  for (const [made, said] of [
    [null, /^The task of my\.C is null, and must be an object$/],
    [() => task, /is of type function, and must be an object$/],
    [{ pol() {} }, /it has no function 'poll'; is 'pol' meant to be it\?$/],
    [{ poll() {} }, /has no function \[Symbol\.asyncDispose\], which releases what it holds/],
    [
      { type: 'source', class: 'my.C', config: {} },
      /is a plugin itself \(my\.C\), and must be what that has started, with 'poll' and \[Symbol\.asyncDispose\]$/,
    ],
  ] as const)
    await assert.rejects(open(made), { code: 'plugin', message: said })
})

test('a retriable error where nothing is tried again says so; others stay what they are', async () => {
  const away = retriable('the database is away')
  const failing = (error: unknown) =>
    openedBy('The task of my.C', () => {
      throw error
    }, [])
  await assert.rejects(failing(away), {
    code: 'connect',
    cause: away,
    message:
      /^The task of my\.C could not be started: the database is away \(a retriable error, but starting is not tried again/,
  })
  const broken = new Error('broken')
  await assert.rejects(failing(broken), (error) => error === broken)
})

test('properties are defined so that each can be parsed, documented and left out', () => {
  const sound = { type: 'int', importance: 'high', doc: 'x' }
  const fault = (property: object, name = 'p') =>
    pluginFault({
      class: 'my.C',
      type: 'predicate',
      config: { [name]: { ...sound, ...property } },
      open() {},
    } as never)
  for (const fine of [
    {},
    { default: 5 },
    { default: '5' },
    { default: null },
    { type: 'list', default: ['a'] },
    { type: 'password', default: '' },
    { type: 'long', default: 2 ** 63 },
    { default: 5, validate: (value: unknown) => (value === 5 ? null : 'no five') },
  ])
    assert.equal(fault(fine), null)
  for (const [property, said] of [
    [
      { importance: 'urgent' },
      /^its config property 'p' has the importance 'urgent', which is none of 'high', /,
    ],
    [{ importance: undefined }, /has the importance undefined/],
    [{ doc: undefined }, /has no 'doc'/],
    [{ validate: /x/ }, /has a 'validate' that is no function: \/x\/$/],
    [{ recommend: ['a'] }, /has a 'recommend' that is no function: \['a'\]$/],
    [{ default: 1.5 }, /has the default 1\.5, which is no int$/],
    [{ default: 2 ** 31 }, /has the default 2147483648, which is no int$/],
    [{ type: 'boolean', default: 'yes' }, /has the default 'yes', which is no boolean$/],
    [{ type: 'list', default: [1] }, /has the default \[1\], which is no list$/],
    [
      { default: 0, validate: () => 'too small' },
      /has the default 0, which its own 'validate' refuses: Invalid value 0/,
    ],
    [
      {
        default: 0,
        validate: () => {
          throw new Error('oh')
        },
      },
      /for which its own 'validate' throws Error: oh$/,
    ],
    [{ dependents: ['q'] }, /has the dependent 'q', which is not defined$/],
    [{ internal: true }, /is internal and has no default/],
  ] as const)
    assert.match(fault(property) ?? 'nothing', said)
  assert.match(fault({}, 'raw') ?? '', /is called 'raw'/)
})
