import assert from 'node:assert/strict'
import { eventually } from '../process/eventually.ts'
import type { GroupWorker } from '../process/group-worker.ts'
import { type SessionKeys, signatureOf } from './session-keys.ts'

interface Answer {
  readonly status: number
  readonly message: string
}
const NONE = ''
const ALGORITHM = 'HmacSHA256'

async function send(
  worker: GroupWorker,
  [method, path, body]: readonly [method: 'POST' | 'PUT', path: string, body: string],
  signature: string | null,
  algorithm = ALGORITHM,
): Promise<Answer> {
  const answer = await fetch(`http://${worker.id}/connectors/${path}`, {
    method,
    ...(body !== NONE && { body }),
    headers: {
      'content-type': 'application/json',
      ...(signature !== null && {
        'X-Connect-Authorization': signature,
        'X-Connect-Request-Signature-Algorithm': algorithm,
      }),
    },
  })
  const text = await answer.text()
  const message = text === '' ? '' : String((JSON.parse(text) as { message?: unknown }).message)
  return { status: answer.status, message }
}

const MISSING = { status: 400, message: 'Internal request missing required signature' }
const INVALID = { status: 403, message: 'Internal request contained invalid signature.' }

/** Requests between workers as somebody sends them who is none: each kind of worker, whether it leads or not, refuses them alike. */
export async function refuseStrangers(
  { leader, follower }: { readonly leader: GroupWorker; readonly follower: GroupWorker },
  keys: SessionKeys,
  { source, stopped }: { readonly source: string; readonly stopped: string },
): Promise<void> {
  const tasks = ['POST', `${source}/tasks`, '[{"stolen":"yes"}]'] as const
  const fence = ['PUT', `${source}/fence`, NONE] as const
  for (const worker of [leader, follower]) {
    for (const request of [tasks, fence]) {
      assert.deepEqual(await send(worker, request, null), MISSING)
      assert.deepEqual(await send(worker, request, 'S2Fma2Flc3F1ZQ=='), INVALID)
      // an old one, as somebody who has listened to the group may keep it
      assert.deepEqual(await send(worker, request, signatureOf(keys.all()[0], request[2])), INVALID)
    }
    assert.equal((await send(worker, tasks, 'no base64!')).status, 400)
    assert.equal((await send(worker, tasks, 'S2Fma2Flc3F1ZQ==', 'HmacNothing')).status, 400)
    const { status, message } = await send(worker, tasks, 'S2Fma2Flc3F1ZQ==', 'HmacSHA1')
    assert.equal(status, 400)
    assert.match(message, /^This worker does not support the 'HmacSHA1' key signing algorithm used by other/)
  }

  // with the newest key, which may be replaced meanwhile
  const signed = (worker: GroupWorker, request: Parameters<typeof send>[1]): Promise<Answer> =>
    eventually(`the signature of ${request.join(' ')} is taken`, async () => {
      const answer = await send(worker, request, signatureOf(keys.all().at(-1), request[2]))
      return answer.status !== 403 && answer
    })
  const none = ['POST', `${stopped}/tasks`, '[]'] as const
  for (let time = 0; time < 2; time++)
    assert.deepEqual(await signed(leader, none), { status: 204, message: '' }, 'nobody counts requests')
  assert.deepEqual(await signed(leader, ['POST', `${stopped}/tasks`, '[{}]']), {
    status: 400,
    message: `Cannot submit non-empty set of task configs for stopped connector ${stopped}`,
  })
  assert.deepEqual(await signed(leader, ['POST', 'nobody/tasks', '[]']), {
    status: 404,
    message: 'Connector nobody not found',
  })
  // who passes it on has no business to sign it
  assert.deepEqual(await signed(follower, none), MISSING)
}
