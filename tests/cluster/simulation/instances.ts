import type { TargetState } from '@isthmus/runtime'
import {
  connectorKey,
  type Instance,
  type InstanceSpec,
  type Instances,
  type Observer,
  taskKey,
} from '@isthmus/runtime/testing'
import type { Props } from '@isthmus/sdk'
import type { Process, World } from './world.ts'

/** What a connector reads from, outside: how many tasks it could make use of, and which state of things they are of. */
export interface Outside {
  tasks: number
  revision: number
}

/** An instance that runs somewhere. */
export interface Runner {
  readonly key: string
  readonly process: Process
  readonly spec: InstanceSpec
  /** Under which it was a member when the instance began. */
  readonly memberId: string
  readonly observer: Observer
  state: TargetState | 'FAILED' | null
  stopping: boolean
}

/** All that runs anywhere, and the world that it runs in. */
export interface Plant {
  readonly runners: Set<Runner>
  readonly outside: Map<string, Outside>
  /** Of a hundred starts, how many fail; of a hundred claims before them, and of stops, how many take long. */
  trouble: number
  /** Called before an instance runs. */
  onStart: (runner: Runner) => void
  /** Things have changed outside: running connectors notice. */
  change(connector: string, outside: Outside): void
  open(process: Process, memberId: () => string): Instances
}

export const keyOf = (spec: InstanceSpec): string =>
  spec.kind === 'task' ? taskKey(spec.connector, spec.task) : connectorKey(spec.connector)

/** The task configs that a connector with this config wants. */
export function tasksWanted(config: Props, { tasks, revision }: Outside, maxTasks: number): Props[] {
  return Array.from({ length: Math.min(tasks, maxTasks) }, (_, n) => ({
    n: String(n),
    revision: String(revision),
    ...(config['x'] !== undefined && { x: config['x'] }),
  }))
}

export function openPlant(world: World): Plant {
  const runners = new Set<Runner>()
  const outside = new Map<string, Outside>()

  const start = (process: Process, memberId: string, spec: InstanceSpec, observer: Observer): Instance => {
    const own: Runner = {
      key: keyOf(spec),
      process,
      spec,
      memberId,
      observer,
      state: null,
      stopping: false,
    }
    plant.onStart(own)
    runners.add(own)
    let target = spec.target
    const soon = () => (world.chance(plant.trouble) ? world.random(3000) : world.random(40))
    const say = (fails: boolean) => {
      if (own.stopping || own.state === 'FAILED') return
      const wasRunning = own.state === 'STARTED'
      own.state = fails ? 'FAILED' : target
      const detail = { trace: fails ? 'trace' : null, message: fails ? 'failed' : null, version: '1' }
      if (!wasRunning || fails || target !== 'STARTED')
        observer.state(fails ? 'FAILED' : target === 'STARTED' ? 'RUNNING' : target, detail)
    }
    const move = () => {
      const to = target
      const fails = world.chance(plant.trouble / 4)
      world.after(soon(), process, () => target === to && say(fails))
    }
    move()
    return {
      retarget(state) {
        target = state
        if (own.state !== 'FAILED') own.state = null
        move()
      },
      ask: ((what: string, asked: { maxTasks: number }) =>
        new Promise((resolve, reject) => {
          if (what !== 'task-configs') throw new Error(`Nobody asks for ${what}`)
          const made = tasksWanted(
            spec.connectorConfig,
            outside.get(spec.connector) ?? { tasks: 1, revision: 0 },
            asked.maxTasks,
          )
          world.after(soon(), process, () => {
            if (own.stopping || own.state !== 'STARTED') reject(new Error('The instance does not run'))
            else resolve(made)
          })
        })) as Instance['ask'],
      stop(deadlineMs) {
        own.stopping = true
        const ms = world.chance(plant.trouble) ? deadlineMs : Math.min(deadlineMs, world.random(30))
        return new Promise((resolve) =>
          world.after(ms, process, () => {
            runners.delete(own)
            resolve()
          }),
        )
      },
    }
  }
  const plant: Plant = {
    runners,
    outside,
    trouble: 0,
    onStart() {},
    change(connector, to) {
      outside.set(connector, to)
      for (const one of runners)
        if (one.spec.kind === 'connector' && one.spec.connector === connector)
          world.after(world.random(50), one.process, () => {
            if (!one.stopping && one.state === 'STARTED') one.observer.reconfigure()
          })
    },
    open: (process, memberId) => ({
      open: (spec, observer) => start(process, memberId(), spec, observer),
      async [Symbol.asyncDispose]() {},
    }),
  }
  return plant
}
