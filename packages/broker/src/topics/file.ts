import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { messageOf } from '../request-error.ts'
import { readIfThere, writeDurably } from '../storage/durable-file.ts'
import { type TopicOverrides, validateTopicConfigs } from './config.ts'

/** What is kept of a topic beside its logs, in a small file of its folder. */
export interface TopicFile {
  readonly name: string
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly partitions: number
  readonly configs: TopicOverrides
}

export type FoundTopic =
  | { readonly type: 'topic'; readonly topic: TopicFile }
  /** A creation that was cut short: nobody was told that the topic exists. */
  | { readonly type: 'unfinished' }
  /** `name` is as much of the topic's name as the folder tells. */
  | { readonly type: 'unusable'; readonly name: string; readonly why: string }

const VERSION = 1
const FILE = 'topic.json'
/** The id keeps a topic apart from its deleted namesake, the name is for people; together they fit a file name. */
const NAME_IN_FOLDER = 200

export const topicFolder = (name: string, id: string): string => `${name.slice(0, NAME_IN_FOLDER)}.${id}`

/** Whether the folder of a topic that cannot be used may be that of the topic `name`. */
export const mayBeOf = (found: string, name: string): boolean => name.slice(0, NAME_IN_FOLDER) === found

export function saveTopicFile(directory: string, topic: TopicFile): void {
  writeDurably(join(directory, FILE), `${JSON.stringify({ version: VERSION, ...topic }, null, 2)}\n`)
}

/** Removes nothing: a folder that holds records stays, whatever is wrong with it. */
export function readTopicFile(directory: string): FoundTopic {
  const path = join(directory, FILE)
  const folder = basename(directory)
  const name = folder.slice(0, Math.max(0, folder.lastIndexOf('.')))
  const unusable = (why: string): FoundTopic => ({ type: 'unusable', name, why })
  try {
    const text = readIfThere(path)
    if (text === null) {
      const entries = readdirSync(directory, { withFileTypes: true, recursive: true })
      const files = entries.filter((entry) => !entry.isDirectory() && entry.name !== `${FILE}.new`)
      return files.length === 0 ? { type: 'unfinished' } : unusable(`${path} is missing`)
    }
    const topic = parse(text)
    if (typeof topic === 'string') return unusable(`${path} ${topic}`)
    if (topicFolder(topic.name, topic.id) !== folder)
      return unusable(`${path} is of another folder, ${topicFolder(topic.name, topic.id)}`)
    return { type: 'topic', topic }
  } catch (error) {
    return unusable(`${path} cannot be read: ${messageOf(error)}`)
  }
}

function parse(text: string): TopicFile | string {
  let file: { version?: unknown; name?: unknown; id?: unknown; partitions?: unknown; configs?: unknown }
  try {
    file = { ...JSON.parse(text) }
  } catch (error) {
    return `is damaged (${text.length} characters): ${messageOf(error)}`
  }
  const { version, name, id, partitions, configs } = file
  if (Number(version) > VERSION)
    return `has the format ${version}, of a newer version; this one knows ${VERSION}`
  if (typeof name !== 'string' || typeof id !== 'string' || !Number.isInteger(partitions) || !configs)
    return 'is damaged: name, id, partitions or configs are missing'
  validateTopicConfigs(configs as TopicOverrides)
  return { name, id, partitions: partitions as number, configs: configs as TopicOverrides }
}
