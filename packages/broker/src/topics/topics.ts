import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogEnvironment } from '../log/environment.ts'
import type { Log } from '../log/log.ts'
import { type OpenLog, openLog } from '../log/open.ts'
import { messageOf, RequestError } from '../request-error.ts'
import { type TopicConfig, type TopicOverrides, topicConfigOf, validateTopicConfigs } from './config.ts'
import { mayBeOf, readTopicFile, saveTopicFile, type TopicFile, topicFolder } from './file.ts'

export interface Topic {
  readonly name: string
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly internal: boolean
  readonly overrides: TopicOverrides
  readonly config: TopicConfig
  readonly partitions: readonly Partition[]
}

export interface Partition {
  readonly topic: Topic
  readonly index: number
  /** Opened, and recovered, at its first use. */
  readonly log: Log
}

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly configs?: TopicOverrides
}

const INTERNAL = new Set(['__consumer_offsets', '__transaction_state', '__share_group_state'])
/** More would only make a mistyped number fill the disk with directories. */
const MOST_PARTITIONS = 10_000

interface StoredTopic extends Topic {
  overrides: TopicOverrides
  config: TopicConfig
  readonly partitions: StoredPartition[]
  readonly directory: string
}
interface StoredPartition extends Partition {
  /** The log, if it was opened. */
  opened: OpenLog | null
}

/** The topics: their metadata, each in a small file of its topic's directory, and their logs. Changes are durable when they return. */
export class Topics implements Disposable {
  private readonly byName = new Map<string, StoredTopic>()
  private readonly byId = new Map<string, StoredTopic>()
  /** Names, as their folders tell them, of topics that are there and cannot be used, with the reason. */
  private readonly unusable = new Map<string, string>()
  private readonly root: string
  private readonly deletedRoot: string
  private readonly environment: LogEnvironment
  /** The broker's own defaults for topic configs. */
  readonly defaults: TopicOverrides
  private closed = false

  constructor(dataDir: string, defaults: TopicOverrides, environment: LogEnvironment) {
    validateTopicConfigs(defaults)
    this.defaults = defaults
    this.environment = environment
    this.root = join(dataDir, 'topics')
    this.deletedRoot = join(dataDir, 'deleted')
    mkdirSync(this.root, { recursive: true })
    rmSync(this.deletedRoot, { recursive: true, force: true })
    mkdirSync(this.deletedRoot, { recursive: true })
    for (const entry of readdirSync(this.root, { withFileTypes: true })) {
      const path = join(this.root, entry.name)
      if (entry.isDirectory()) this.load(path)
      else environment.log.warn(`${path} is no folder of a topic, and is left alone`)
    }
  }

  all(): readonly Topic[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  named(name: string): Topic | undefined {
    return this.byName.get(name)
  }
  withId(id: string): Topic | undefined {
    return this.byId.get(id)
  }
  partition(name: string, index: number): Partition | undefined {
    return this.byName.get(name)?.partitions[index]
  }
  /** Logs that are open already: the others have nothing to close, nor anything new to clean. */
  *openLogs(): Iterable<{ topic: Topic; log: OpenLog }> {
    for (const topic of this.byName.values())
      for (const { opened } of topic.partitions) if (opened) yield { topic, log: opened }
  }

  /** All logs that hold anything; opens those that were not yet. */
  *writtenLogs(): Iterable<{ topic: Topic; log: OpenLog }> {
    for (const topic of this.byName.values())
      for (const partition of topic.partitions) {
        if (partition.opened || existsSync(join(topic.directory, String(partition.index)))) {
          try {
            void partition.log
          } catch {
            continue // it has been said
          }
          if (partition.opened) yield { topic, log: partition.opened }
        }
      }
  }

  /** Throws what Kafka would refuse the topic with; creates nothing. */
  validate(spec: TopicSpec): void {
    validateName(spec.name)
    if (this.byName.has(spec.name))
      throw new RequestError('TOPIC_ALREADY_EXISTS', `Topic '${spec.name}' already exists.`)
    for (const [name, why] of this.unusable)
      if (mayBeOf(name, spec.name))
        throw new RequestError('KAFKA_STORAGE_ERROR', `Topic '${spec.name}' is there already, but ${why}`)
    const twin = collisionName(spec.name)
    for (const { name } of this.byName.values())
      if (collisionName(name) === twin)
        throw new RequestError(
          'INVALID_TOPIC_EXCEPTION',
          `Topic '${spec.name}' collides with existing topic: ${name}`,
        )
    validatePartitionCount(spec.name, spec.partitions)
    validateTopicConfigs(spec.configs ?? {})
  }

  create(spec: TopicSpec): Topic {
    this.validate(spec)
    const id = randomBytes(16).toString('hex')
    const overrides = { ...spec.configs }
    const stored = this.stored(spec.name, id, spec.partitions, overrides)
    try {
      mkdirSync(stored.directory)
      this.save(stored)
    } catch (error) {
      throw this.environment.trouble.failed(`Cannot make the topic '${spec.name}'`, error)
    }
    this.add(stored)
    return stored
  }

  addPartitions(topic: Topic, count: number): void {
    const stored = this.known(topic)
    this.save(stored, { partitions: count })
    for (let index = stored.partitions.length; index < count; index++)
      stored.partitions.push(this.storedPartition(stored, index))
  }

  configure(topic: Topic, overrides: TopicOverrides): void {
    validateTopicConfigs(overrides)
    const stored = this.known(topic)
    this.save(stored, { configs: overrides })
    stored.overrides = overrides
    stored.config = topicConfigOf(this.defaults, overrides)
    for (const { opened } of stored.partitions) opened?.configure(stored.config)
  }

  delete(topic: Topic): void {
    const stored = this.known(topic)
    this.byName.delete(stored.name)
    this.byId.delete(stored.id)
    for (const { opened } of stored.partitions) opened?.abandon()
    const deleted = join(this.deletedRoot, stored.id)
    renameSync(stored.directory, deleted)
    rm(deleted, { recursive: true, force: true }).catch((error: unknown) => {
      this.environment.log.warn(`Cannot remove ${deleted}, which the next start will: ${messageOf(error)}`)
    })
  }

  [Symbol.dispose](): void {
    if (this.closed) return
    this.closed = true
    for (const { log } of this.openLogs()) log.close()
  }

  private known(topic: Topic): StoredTopic {
    const stored = this.byId.get(topic.id)
    if (!stored) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION')
    return stored
  }

  private add(stored: StoredTopic): void {
    this.byName.set(stored.name, stored)
    this.byId.set(stored.id, stored)
  }

  private stored(name: string, id: string, partitions: number, overrides: TopicOverrides): StoredTopic {
    const stored: StoredTopic = {
      name,
      id,
      internal: INTERNAL.has(name),
      overrides,
      config: topicConfigOf(this.defaults, overrides),
      partitions: [],
      directory: join(this.root, topicFolder(name, id)),
    }
    for (let index = 0; index < partitions; index++)
      stored.partitions.push(this.storedPartition(stored, index))
    return stored
  }

  private storedPartition(topic: StoredTopic, index: number): StoredPartition {
    const { environment } = this
    const closed = () => this.closed
    return {
      topic,
      index,
      opened: null,
      get log() {
        if (closed()) throw new Error(`The broker is closing: ${topic.name}-${index} cannot be opened`)
        if (this.opened) return this.opened
        try {
          this.opened = openLog(join(topic.directory, String(index)), topic.config, environment)
        } catch (error) {
          throw environment.trouble.failed(`Cannot open the log of ${topic.name}-${index}`, error)
        }
        return this.opened
      },
    }
  }

  /** Before a change is true in memory: what cannot be kept has not happened. */
  private save(stored: StoredTopic, change: Partial<Pick<TopicFile, 'partitions' | 'configs'>> = {}): void {
    const { name, id, partitions, overrides } = stored
    saveTopicFile(stored.directory, {
      name,
      id,
      partitions: partitions.length,
      configs: overrides,
      ...change,
    })
  }

  private load(directory: string): void {
    const found = readTopicFile(directory)
    if (found.type === 'unfinished') {
      rmSync(directory, { recursive: true, force: true })
      return
    }
    if (found.type === 'topic' && !this.byName.has(found.topic.name)) {
      const { name, id, partitions, configs } = found.topic
      this.add(this.stored(name, id, partitions, configs))
      return
    }
    const name = found.type === 'topic' ? found.topic.name : found.name
    const why = found.type === 'topic' ? `${directory} is another folder of the same topic` : found.why
    this.unusable.set(name, why)
    this.environment.log.error(
      `${why}: the topic '${name}' cannot be used. Put the right file there, or move the folder away`,
    )
  }
}

/** Throws INVALID_PARTITIONS. */
export function validatePartitionCount(topic: string, count: number): void {
  if (count < 1) throw new RequestError('INVALID_PARTITIONS', 'Number of partitions must be larger than 0.')
  if (count > MOST_PARTITIONS)
    throw new RequestError(
      'INVALID_PARTITIONS',
      `Topic '${topic}' cannot have ${count} partitions: at most ${MOST_PARTITIONS} are allowed.`,
    )
}

function validateName(name: string): void {
  const fault =
    name === ''
      ? 'the empty string is not allowed'
      : name === '.' || name === '..'
        ? `'${name}' is not allowed`
        : name.length > 249
          ? `the length of '${name}' is longer than the max allowed length 249`
          : !/^[a-zA-Z0-9._-]+$/.test(name)
            ? `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
            : null
  if (fault) throw new RequestError('INVALID_TOPIC_EXCEPTION', `Topic name is invalid: ${fault}`)
}

/** Metric names cannot tell '.' from '_', so Kafka refuses topics that differ only in them. */
const collisionName = (name: string) => name.replaceAll('.', '_')
