import type {
  ConfigDef,
  ConfigOf,
  SourcePlugin,
  SourceRecord,
  SourceTask,
  SourceTaskContext,
} from '@isthmus/sdk'
import { adminProps, producerProps } from '../../config/clients.ts'
import { parseSource } from '../../config/source.ts'
import { topicTemplates } from '../../config/topic-creation.ts'
import { sendStalls } from '../../log/stalls.ts'
import { taskClassOf } from '../../plugins/descriptor.ts'
import { openedBy } from '../../plugins/faults.ts'
import { parsePluginConfig } from '../../secrets/secrets.ts'
import { openDeadLetterQueue } from '../errors/dead-letter.ts'
import { openReports } from '../errors/reports.ts'
import { clientLogs } from '../kafka.ts'
import { openLoan } from '../kafka-admin.ts'
import type { TaskParts } from '../parts.ts'
import { openChain } from '../stages/chain.ts'
import { openCodec } from '../stages/codec.ts'
import { openPluginContexts } from '../stages/plugin-context.ts'
import { openAtLeastOnce } from './at-least-once.ts'
import { openSourceOffsets } from './offsets.ts'
import { runSource } from './source.ts'
import { describeSourceRecord, originalOfSourceRecord } from './source-record.ts'
import { openGate, openTopicCreation, type TopicGate } from './topics.ts'

/** Opens a source task with all that its loop needs, and runs the loop. Everything opened goes onto the task's stack. */
export async function openAndRunSource(parts: TaskParts, plugin: SourcePlugin): Promise<void> {
  const { spec, connectorProps, taskProps, workerConfig, hostPort, control, kafka, stack, context } = parts
  const config = parseSource(connectorProps)
  const log = hostPort.logger('org.apache.kafka.connect.runtime.WorkerSourceTask', context)
  const { worker } = spec
  const sources = { worker: worker.props, connector: connectorProps }

  const contexts = openPluginContexts(parts)
  const codec = await openCodec(connectorProps, worker.props, worker.plugins, contexts)
  const steps = await openChain(connectorProps, config, worker.plugins, contexts)
  const deadLetters = await openDeadLetterQueue(parts, config, (record: SourceRecord) =>
    originalOfSourceRecord(record, codec),
  )
  const reports = openReports(parts, config, describeSourceRecord, deadLetters)
  const logs = clientLogs((name) => hostPort.logger(name, context))
  const props = producerProps(sources, spec)
  const cluster = stack.use(kafka.openCluster(props, logs))

  let topics: TopicGate = openGate
  const templates = workerConfig['topic.creation.enable']
    ? topicTemplates(connectorProps, config['topic.creation.groups'])
    : null
  if (templates !== null) {
    const adminCluster = stack.use(kafka.openCluster(adminProps(sources, spec), logs))
    topics = openTopicCreation(kafka.openAdmin(adminCluster), templates, log)
  }

  const loan = openLoan(parts, control.cancelled, stack)
  const offsets = stack.use(
    await openSourceOffsets({ spec, connectorProps, hostPort, signal: control.stopped }),
  )
  const taskConfig = parsePluginConfig(plugin.config, taskProps) as ConfigOf<ConfigDef>
  const taskContext: SourceTaskContext = {
    connector: spec.connector,
    task: spec.task,
    log: hostPort.logger(taskClassOf(plugin), context),
    ...loan,
    offsets: (partitions) => offsets.read(spec.connector, partitions),
  }
  const task: SourceTask = stack.use(
    await openedBy(`The task of ${plugin.class}`, () => plugin.task(taskConfig, taskContext), [
      'poll',
      Symbol.asyncDispose,
    ]),
  )
  const { meter } = hostPort
  const delivery = openAtLeastOnce({
    task,
    steps,
    codec,
    tolerance: reports.tolerance,
    topics,
    openProducer: (acknowledged) =>
      stack.use(
        kafka.openProducer(cluster, props, { acknowledged, stalled: sendStalls(log, 'of the task') }),
      ),
    reporting: reports.reporting,
    reported: reports.settled,
    storeOffsets: (entries) => offsets.write(spec.connector, entries),
    topicUsed: hostPort.topicUsed,
    wake: control.wake,
    control,
    flushIntervalMs: workerConfig['offset.flush.interval.ms'],
    flushTimeoutMs: workerConfig['offset.flush.timeout.ms'],
    meter,
    log,
  })
  hostPort.state('RUNNING')
  log.info('Source task finished initialization and start')
  const { state } = hostPort
  await runSource({ plugin: plugin.class, task, delivery, room: reports.room, control, state, meter, log })
}
