import { mistake } from '../command-line.ts'

/** The one topic that a command is about, by its place or as `--topic`; or the exit code, and what is wrong has been said. */
export function topicOf(
  command: string,
  positionals: readonly string[],
  named: string | undefined,
  usage: string,
): string | number {
  const [topic, ...more] = named === undefined ? positionals : [...positionals, named]
  if (topic !== undefined && more.length === 0) return topic
  process.stderr.write(mistake(`isthmus ${command} takes the name of one topic.`, usage))
  return 1
}
