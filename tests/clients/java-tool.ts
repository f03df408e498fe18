import assert from 'node:assert/strict'
import { smallJvm, startJava } from '../apache/apache.ts'

/** Tools by the names of their scripts. */
export const tools = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'transactional-message-copier': 'org.apache.kafka.tools.TransactionalMessageCopier',
} as const

/** Runs a tool to its end, which has to be a good one, and returns what it printed, line by line. */
export async function runTool(
  tool: keyof typeof tools,
  args: readonly string[],
  input?: string,
): Promise<string[]> {
  await using child = await startJava(tools[tool], args, {
    jvm: smallJvm,
    longestMs: 90_000,
    stdin: input === undefined ? 'ignore' : 'pipe',
  })
  child.stdin?.end(input)
  const code = await child.ended
  assert.equal(code, 0, `${tool} ${args.join(' ')}\n${child.output()}`)
  return child.output().trimEnd().split('\n')
}
