import type { Herder } from '@isthmus/runtime'
import type { Cast } from './cast.ts'
import { ask, openSimWorker, type SimWorker } from './worker.ts'

const LONGEST_MS = 6000
const MOST_WORKERS = 5
const MOST_CONNECTORS = 5

/** One thing that happens: a client's wish, a change outside, or a fault, which passes by itself. */
export function happen(cast: Cast): void {
  const { world, log } = cast.group
  const [what, act] = events[world.random(events.length)] ?? events[0]!
  const did = act(cast)
  if (did !== null) log(`EVENT ${what} ${did}`)
}

/** What was done it to; null when there is nothing to do it to. */
type Event = (cast: Cast) => string | null

const one = <T>({ group }: Cast, all: readonly T[]): T | undefined => all[group.world.random(all.length)]
const long = ({ group: { world } }: Cast) => world.random(world.chance(50) ? 800 : LONGEST_MS)
const beside = (cast: Cast, work: Promise<unknown>) => {
  const mine = work.catch(() => {}).finally(() => cast.pending.delete(mine))
  cast.pending.add(mine)
}
const connectors = ({ group }: Cast): string[] => [...group.plant.outside.keys()]

const wish =
  (what: (cast: Cast, name: string) => (herder: Herder) => Promise<unknown>): Event =>
  (cast) => {
    const { group } = cast
    const [name, at] = [one(cast, connectors(cast)), one(cast, cast.workers)]
    if (name === undefined || at === undefined) return null
    ask(group, at, what(cast, name)).then(
      () => group.log(`DONE ${name}`),
      (error) => group.log(`REFUSED ${name}: ${error}`),
    )
    return `${name} at ${at.id}`
  }
const put = wish(({ group: { world } }, name) => {
  const config = {
    'connector.class': 'Source',
    'tasks.max': String(1 + world.random(4)),
    x: String(world.random(3)),
  }
  return (herder) => herder.put(name, config)
})
const create: Event = (cast) => {
  const { plant, world } = cast.group
  if (plant.outside.size >= MOST_CONNECTORS) return put(cast)
  plant.outside.set(`c${++cast.names.connectors}`, { tasks: world.random(5), revision: 0 })
  return put(cast)
}

const until = (
  cast: Cast,
  end: (worker: SimWorker) => void,
  begin: (worker: SimWorker) => void,
): string | null => {
  const at = one(
    cast,
    cast.workers.filter(({ process, link }) => process.state === 'alive' && link.state === 'up'),
  )
  if (at === undefined) return null
  const ms = long(cast)
  begin(at)
  beside(
    cast,
    cast.group.world.sleep(ms).then(() => end(at)),
  )
  return `${at.id} for ${ms} ms`
}
const again = async (cast: Cast, id: string, ms: number) => {
  await cast.group.world.sleep(ms)
  cast.workers.push(await openSimWorker(cast.group, id))
}
const remove = (cast: Cast): SimWorker | undefined => {
  const at = one(
    cast,
    cast.workers.filter(({ process, link }) => process.state === 'alive' && link.state === 'up'),
  )
  if (at !== undefined) cast.workers.splice(cast.workers.indexOf(at), 1)
  return at
}

const events: readonly (readonly [string, Event])[] = [
  ['create', create],
  ['create', create],
  ['put', put],
  ['put', put],
  ['delete', wish((_, name) => (herder) => herder.delete(name))],
  ['delete', wish((_, name) => (herder) => herder.delete(name))],
  ['pause', wish((_, name) => (herder) => herder.pause(name))],
  ['resume', wish((_, name) => (herder) => herder.resume(name))],
  ['resume', wish((_, name) => (herder) => herder.resume(name))],
  ['stop', wish((_, name) => (herder) => herder.stop(name))],
  ['restart', wish((_, name) => (herder) => herder.restart(name))],
  ['restart task of', wish((_, name) => (herder) => herder.restartTask(name, 0))],
  [
    'restart with tasks',
    wish((_, name) => (herder) => herder.restartWith(name, { includeTasks: true, onlyFailed: false })),
  ],
  [
    'outside',
    (cast) => {
      const { plant, world } = cast.group
      const name = one(cast, connectors(cast))
      const before = plant.outside.get(name ?? '')
      if (name === undefined || before === undefined) return null
      plant.change(name, { tasks: world.random(5), revision: before.revision + 1 })
      return name
    },
  ],
  [
    'freeze',
    (cast) =>
      until(
        cast,
        ({ process }) => cast.group.world.thaw(process),
        ({ process }) => {
          process.state = 'frozen'
        },
      ),
  ],
  [
    'cut off',
    (cast) => {
      const how = cast.group.world.chance(50) ? 'down' : 'silent'
      const healed = ({ link }: SimWorker) => {
        link.state = 'up'
      }
      return until(cast, healed, ({ link }) => {
        link.state = how
      })
    },
  ],
  [
    'losses',
    (cast) =>
      until(
        cast,
        ({ link }) => {
          link.loss = 0
        },
        ({ link }) => {
          link.loss = 30
        },
      ),
  ],
  [
    'kill',
    (cast) => {
      const at = remove(cast)
      if (at === undefined) return null
      at.process.state = 'dead'
      cast.group.listening.delete(at.url)
      const ms = long(cast)
      beside(cast, again(cast, at.id, ms))
      return `${at.id} for ${ms} ms`
    },
  ],
  [
    'stop worker',
    (cast) => {
      const at = remove(cast)
      if (at === undefined) return null
      const ms = long(cast)
      beside(
        cast,
        at.close().then(() => again(cast, at.id, ms)),
      )
      return `${at.id} for ${ms} ms`
    },
  ],
  [
    'new worker',
    (cast) => {
      if (cast.names.workers >= MOST_WORKERS) return null
      const id = `w${++cast.names.workers}`
      beside(cast, again(cast, id, 0))
      return id
    },
  ],
  [
    'coordinator restarts',
    (cast) => {
      cast.group.coordinator.restart()
      return ''
    },
  ],
  [
    'compaction',
    (cast) => {
      const { configTopic, statusTopic, world } = cast.group
      configTopic.compact(configTopic.end - world.random(5))
      statusTopic.compact(statusTopic.end - world.random(5))
      return ''
    },
  ],
]
