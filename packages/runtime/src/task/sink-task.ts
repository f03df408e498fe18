import { type ConfigDef, type ConfigOf, parseConfig, type SinkPlugin, type SinkRecord } from '@isthmus/sdk'
import { consumerProps, deadLetterProps } from '../config/clients.ts'
import { parseSink, type SinkConfig } from '../config/connector.ts'
import { openAssignment } from './assignment.ts'
import { openChain } from './chain.ts'
import { openCodec } from './codec.ts'
import { openConvert, originOf } from './convert-sink.ts'
import {
  type Consumed,
  createDeadLetterTopic,
  type DeadLetters,
  type Letter,
  openDeadLetters,
} from './dead-letter.ts'
import { describeConsumed, errorLog } from './error-log.ts'
import { runSink } from './sink.ts'
import { openSinkContext } from './sink-context.ts'
import type { ChangeQueue, TaskParts } from './task.ts'
import { type Failure, openTolerance, type Tolerance } from './tolerance.ts'

const ALIVE_MS = 1000

/** Opens a sink task with all that its loop needs, and runs the loop. Everything opened goes onto the task's stack. */
export async function openAndRunSink(
  parts: TaskParts,
  plugin: SinkPlugin,
  changes: ChangeQueue,
): Promise<void> {
  const { spec, connectorProps, taskProps, workerConfig, outlet, control, kafka, stack, context } = parts
  const config = parseSink(connectorProps)
  const log = outlet.logger('org.apache.kafka.connect.runtime.WorkerSinkTask', context)
  const { worker } = spec

  const codec = await openCodec(connectorProps, worker.props, worker.plugins, stack)
  const steps = await openChain(connectorProps, config, worker.plugins, stack)
  const letters = await openLetters(parts, config)
  const reports = openReports(parts, config, letters)

  const props = consumerProps({ worker: worker.props, connector: connectorProps }, spec)
  const cluster = stack.use(kafka.openCluster(props))
  const fetcher = stack.use(kafka.openFetcher(cluster, props))
  const assignment = openAssignment()
  const { context: taskContext, requests } = openSinkContext({
    connector: spec.connector,
    task: spec.task,
    log: outlet.logger(plugin.taskClass, context),
    assignment,
    errantRecords: reports.errantRecords,
    rethrow: reports.rethrow,
    wake: control.wake,
  })
  const task = stack.use(
    await plugin.task(parseConfig(plugin.config, taskProps) as ConfigOf<ConfigDef>, taskContext),
  )
  const topics = [...new Set(config.topics)].filter((topic) => topic !== '')
  await outlet.ask('join', { props, topics: topics.length > 0 ? topics : config['topics.regex'].trim() })
  outlet.state('RUNNING')
  log.info('Sink task finished initialization and start')
  let lastAlive = 0
  await runSink({
    task,
    fetcher,
    convert: openConvert({
      steps,
      codec,
      tolerance: reports.tolerance,
      keepOrigin: reports.errantRecords !== null,
    }),
    assignment,
    requests,
    changes,
    control,
    commit: (offsets) => outlet.ask('commit', offsets),
    reported: reports.settled,
    state: outlet.state,
    alive() {
      const now = Date.now()
      if (now - lastAlive < ALIVE_MS) return
      lastAlive = now
      outlet.alive()
    },
    topicUsed: outlet.topicUsed,
    commitIntervalMs: workerConfig['offset.flush.interval.ms'],
    commitTimeoutMs: workerConfig['offset.flush.timeout.ms'],
    log,
  })
}

async function openLetters(parts: TaskParts, config: SinkConfig): Promise<DeadLetters | null> {
  const { spec, connectorProps, outlet, kafka, stack, context } = parts
  const topic = config['errors.deadletterqueue.topic.name'].trim()
  if (topic === '') return null
  const props = deadLetterProps({ worker: spec.worker.props, connector: connectorProps }, spec)
  {
    await using adminCluster = kafka.openCluster(props.admin)
    await createDeadLetterTopic(
      kafka.openAdmin(adminCluster),
      topic,
      config['errors.deadletterqueue.topic.replication.factor'],
    )
  }
  const cluster = stack.use(kafka.openCluster(props.producer))
  const producer = stack.use(
    kafka.openProducer<Letter>(cluster, props.producer, {
      acknowledged({ error, tokens }) {
        for (const { sent } of tokens) {
          if (error === null) sent.resolve()
          else sent.reject(error)
        }
      },
    }),
  )
  return openDeadLetters({
    topic,
    contextHeaders: config['errors.deadletterqueue.context.headers.enable'],
    connector: spec.connector,
    task: spec.task,
    producer,
    log: outlet.logger('org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter', context),
  })
}

const SINK_TASK = 'org.apache.kafka.connect.sink.SinkTask'

/** The tolerance of the task with its reporters, and what the task itself reports. */
function openReports(
  { spec, outlet, control, context, log }: TaskParts,
  config: SinkConfig,
  letters: DeadLetters | null,
) {
  const pending = new Set<Promise<void>>()
  let exceeded: unknown = null
  const errorLogger = outlet.logger('org.apache.kafka.connect.runtime.errors.LogReporter', context)
  const logged = config['errors.log.enable']
    ? errorLog<Consumed>(
        errorLogger,
        `${spec.connector}-${spec.task}`,
        config['errors.log.include.messages'] ? describeConsumed : null,
      )
    : null
  const report = (failure: Failure<Consumed>) => {
    logged?.(failure)
    if (letters === null) return
    const sent: Promise<void> = letters.send(failure).finally(() => pending.delete(sent))
    pending.add(sent)
  }
  const tolerance: Tolerance<Consumed> = openTolerance({
    policy: config,
    report,
    stopping: control.stopped,
    log,
  })

  const reportErrant = async (record: SinkRecord, error: unknown): Promise<void> => {
    const before = new Set(pending)
    try {
      tolerance.judge({
        stage: 'TASK_PUT',
        executing: SINK_TASK,
        error,
        origin: originOf(record) ?? remade(record),
      })
    } catch (judgement) {
      exceeded ??= judgement
      throw judgement
    }
    for (const sent of pending) if (!before.has(sent)) await sent
  }
  return {
    tolerance,
    errantRecords: logged === null && letters === null ? null : reportErrant,
    rethrow() {
      if (exceeded !== null) throw exceeded
    },
    /** Offsets are not committed before the dead letters of their records are safe (invariant 6). */
    async settled() {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}

/** A record the task made itself has no bytes; its text stands in for them. */
function remade(record: SinkRecord): Consumed {
  const bytes = (value: unknown) =>
    value === null ? null : Buffer.from(value instanceof Uint8Array ? value : String(value))
  return {
    topic: record.originalTopic,
    partition: record.originalKafkaPartition,
    record: {
      offset: record.originalKafkaOffset,
      timestamp: record.timestamp ?? -1,
      key: bytes(record.key),
      value: bytes(record.value),
      headers: [],
    },
  }
}
