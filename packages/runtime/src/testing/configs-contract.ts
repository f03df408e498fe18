import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NO_RESTARTS, requestsSince } from '../state/restart-request.ts'
import type { ClusterSnapshot, ConfigChange } from '../state/snapshot.ts'
import type { ConfigStore } from '../store/stores.ts'

/** What every store of the cluster's configuration promises. `fresh` makes an empty one. */
export function configStoreContract(
  name: string,
  fresh: () => Promise<{ open(): Promise<ConfigStore> } & AsyncDisposable>,
): void {
  const connector = (of: string, config: Record<string, string> | null = {}): ConfigChange => ({
    type: 'connector',
    name: of,
    config,
  })
  const tasks = (of: string, ...configs: Record<string, string>[]): ConfigChange => ({
    type: 'tasks',
    name: of,
    configs,
  })
  const inStore = async (work: (store: ConfigStore) => Promise<void>) => {
    await using place = await fresh()
    await using store = await place.open()
    await work(store)
  }
  const entry = (store: ConfigStore, of: string) => {
    const found = store.snapshot().connectors.get(of)
    assert.ok(found, `there is no connector ${of}`)
    return found
  }

  describe(`configuration kept in ${name}`, () => {
    it('is there as soon as it was appended', () =>
      inStore(async (store) => {
        assert.equal(store.snapshot().connectors.size, 0)
        await store.append(connector('a', { k: 'ä😀"\\\u0001' }))
        assert.deepEqual(entry(store, 'a').config, { k: 'ä😀"\\\u0001' })
        assert.equal(entry(store, 'a').target, 'STARTED')
        assert.deepEqual(entry(store, 'a').tasks, [])
        await store.append(tasks('a', { n: '0' }, { n: '1' }))
        assert.deepEqual(entry(store, 'a').tasks, [{ n: '0' }, { n: '1' }])
        assert.equal(entry(store, 'a').taskCount, 2)
        assert.deepEqual(entry(store, 'a').appliedConfig, entry(store, 'a').config)
        await store.append(tasks('a', { n: 'x' }))
        assert.deepEqual(entry(store, 'a').tasks, [{ n: 'x' }])
        await store.append(tasks('a'))
        assert.deepEqual(entry(store, 'a').tasks, [])
      }))

    it('is an immutable value, the same until something changes', () =>
      inStore(async (store) => {
        await store.append(connector('a', { v: '1' }))
        const before = store.snapshot()
        assert.equal(store.snapshot(), before)
        await store.append(connector('b'))
        await store.append(connector('a', { v: '2' }))
        assert.deepEqual(before.connectors.get('a')?.config, { v: '1' })
        assert.equal(before.connectors.has('b'), false)
        assert.ok(store.snapshot().version > before.version)
      }))

    it('changes the target of a connector and nothing else of it', () =>
      inStore(async (store) => {
        await store.append({ type: 'connector', name: 'a', config: {}, target: 'STOPPED' })
        assert.equal(entry(store, 'a').target, 'STOPPED')
        const before = entry(store, 'a')
        for (const state of ['STARTED', 'PAUSED', 'STOPPED'] as const) {
          await store.append({ type: 'target', name: 'a', state })
          assert.deepEqual(entry(store, 'a'), { ...before, target: state })
        }
        await store.append(connector('a', { v: '2' }))
        assert.equal(entry(store, 'a').target, 'STOPPED', 'a new config keeps the target')
      }))

    it('has a new version of a connector, or of its tasks, exactly when it was written and, of tasks, is another', () =>
      inStore(async (store) => {
        const versions = () => [entry(store, 'a').configVersion, entry(store, 'a').tasksVersion]
        await store.append(connector('a'))
        await store.append(tasks('a', {}))
        const [config, task] = versions()
        await store.append({ type: 'target', name: 'a', state: 'PAUSED' })
        await store.append({
          type: 'restart',
          request: { connector: 'a', includeTasks: true, onlyFailed: false },
        })
        await store.append({ type: 'tasks-fencing', name: 'a', count: 1 })
        await store.append(connector('b'))
        await store.append(tasks('b', {}))
        assert.deepEqual(versions(), [config, task])
        await store.append(connector('a'))
        const [again, same] = versions()
        assert.ok(again! > config!)
        assert.equal(same, task)
        await store.append(tasks('a', {}))
        assert.equal(versions()[0], again)
        assert.equal(versions()[1], task, 'the same ones go on')
        await store.append(tasks('a', { v: '2' }))
        const [, other] = versions()
        assert.ok(other! > task!)
        await store.append(connector('a', { v: '2' }))
        await store.append(tasks('a', { v: '2' }))
        assert.ok(versions()[1]! > other!, 'they are of another config')
      }))

    it('forgets a connector with its tasks and its target; made again it is another one', () =>
      inStore(async (store) => {
        await store.append({ type: 'connector', name: 'a', config: {}, target: 'PAUSED' })
        await store.append(tasks('a', {}))
        const { configVersion } = entry(store, 'a')
        await store.append(connector('a', null))
        assert.equal(store.snapshot().connectors.has('a'), false)
        await store.append(connector('a'))
        assert.deepEqual(
          { ...entry(store, 'a'), configVersion: 0 },
          {
            config: {},
            target: 'STARTED',
            tasks: [],
            taskCount: 0,
            tasksFollow: false,
            appliedConfig: null,
            configVersion: 0,
            tasksVersion: 0,
            restarts: NO_RESTARTS,
          },
        )
        assert.ok(entry(store, 'a').configVersion > configVersion)
      }))

    it('takes no notice of tasks, restarts and targets of connectors that are not there', () =>
      inStore(async (store) => {
        await store.append(tasks('a', {}))
        await store.append({ type: 'target', name: 'b', state: 'PAUSED' })
        await store.append({
          type: 'restart',
          request: { connector: 'c', includeTasks: true, onlyFailed: false },
        })
        assert.equal(store.snapshot().connectors.size, 0)
      }))

    it('forgets no restart that was asked for, whatever was asked for after it', () =>
      inStore(async (store) => {
        await store.append(connector('a'))
        const first = { connector: 'a', includeTasks: true, onlyFailed: false }
        const second = { connector: 'a', includeTasks: false, onlyFailed: true }
        await store.append({ type: 'restart', request: first })
        await store.append({ type: 'restart', request: second })
        const both = entry(store, 'a').restarts
        assert.deepEqual(requestsSince(NO_RESTARTS, both, 'a'), [first, second])
        await store.append({ type: 'restart', request: second })
        await store.append({ type: 'restart', request: second })
        assert.deepEqual(requestsSince(both, entry(store, 'a').restarts, 'a'), [second])
      }))

    it('keeps the key with which workers sign', () =>
      inStore(async (store) => {
        assert.equal(store.snapshot().sessionKey, null)
        const key = {
          key: Uint8Array.of(0, 1, 254, 255),
          algorithm: 'HmacSHA256',
          createdMs: 1_700_000_000_000,
        }
        await store.append({ type: 'session-key', key })
        const kept = store.snapshot().sessionKey
        assert.deepEqual({ ...kept, key: [...(kept?.key ?? [])] }, { ...key, key: [0, 1, 254, 255] })
      }))

    it('knows for which tasks fencing is due, of connectors deleted meanwhile too', () =>
      inStore(async (store) => {
        const round = () => store.snapshot().rounds.get('a')
        await store.append(connector('a'))
        await store.append(tasks('a', {}, {}))
        assert.deepEqual(round(), { generation: 0, fenced: null, pending: true })
        await store.append({ type: 'tasks-fencing', name: 'a', count: 2 })
        assert.deepEqual(round(), { generation: 0, fenced: 2, pending: false })
        await store.append(connector('a', null))
        await store.append(connector('a'))
        await store.append(tasks('a', {}))
        assert.deepEqual(round(), { generation: 1, fenced: 2, pending: true })
      }))

    it('keeps the order of what is appended at once', () =>
      inStore(async (store) => {
        await store.append(connector('a'))
        const rounds = Array.from({ length: 10 }, (_, i) =>
          tasks('a', ...Array.from({ length: 1 + (i % 3) }, () => ({ i: String(i) }))),
        )
        await Promise.all(rounds.map((change) => store.append(change)))
        assert.deepEqual(entry(store, 'a').tasks, [{ i: '9' }])
      }))

    it('tells of changes: the latest wins, and the end comes with the signal', () =>
      inStore(async (store) => {
        const end = new AbortController()
        const changes = store.changes(end.signal)[Symbol.asyncIterator]()
        const first = changes.next()
        await store.append(connector('a'))
        const seen = (await first).value as ClusterSnapshot
        assert.equal(seen.connectors.size, 1)
        for (const other of ['b', 'c', 'd']) await store.append(connector(other))
        assert.equal((await changes.next()).value, store.snapshot())
        const last = changes.next()
        end.abort()
        assert.equal((await last).done, true)
      }))

    it('has everything after a refresh', () =>
      inStore(async (store) => {
        await store.append(connector('a'))
        await store.refresh(30_000)
        assert.equal(store.snapshot().connectors.size, 1)
      }))
  })
}
