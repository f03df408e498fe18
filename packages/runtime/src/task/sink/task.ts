import type { ConfigDef, ConfigOf, SinkPlugin, SinkRecord } from '@isthmus/sdk'
import { consumerProps } from '../../config/clients.ts'
import { parseSink } from '../../config/sink.ts'
import { readStalls } from '../../log/stalls.ts'
import { taskClassOf } from '../../plugins/descriptor.ts'
import { openedBy } from '../../plugins/faults.ts'
import { ownSecrets, parsePluginConfig } from '../../secrets/secrets.ts'
import { openDeadLetterQueue } from '../errors/dead-letter.ts'
import { openReports, type Reports } from '../errors/reports.ts'
import { clientLogs } from '../kafka.ts'
import { openLoan } from '../kafka-admin.ts'
import type { TaskParts } from '../parts.ts'
import { openChain } from '../stages/chain.ts'
import { type Codec, openCodec } from '../stages/codec.ts'
import { openPluginContexts } from '../stages/plugin-context.ts'
import { openAssignment } from './assignment.ts'
import { type ConsumedRecord, consumedOf, describeConsumed, originalOfConsumed } from './consumed-record.ts'
import { openSinkContext } from './context.ts'
import { openConvert, originOf } from './convert.ts'
import type { GroupChanges } from './group-changes.ts'
import { openReading } from './reading.ts'
import { runSink } from './sink.ts'

/** Signs of life are worth a message this often. */
const ALIVE_MS = 1000
/** Of `max.poll.interval.ms`, so that a late one does no harm. */
const SIGNS_IN_INTERVAL = 4

/** Opens a sink task with all that its loop needs, and runs the loop. Everything opened goes onto the task's stack. */
export async function openAndRunSink(
  parts: TaskParts,
  plugin: SinkPlugin,
  changes: GroupChanges,
): Promise<void> {
  const { spec, connectorProps, taskProps, workerConfig, hostPort, control, kafka, stack, context } = parts
  const config = parseSink(connectorProps)
  const log = hostPort.logger('org.apache.kafka.connect.runtime.WorkerSinkTask', context)
  const { worker } = spec

  const contexts = openPluginContexts(parts)
  const codec = await openCodec(connectorProps, worker.props, worker.plugins, contexts)
  const steps = await openChain(connectorProps, config, worker.plugins, contexts)
  const deadLetters = await openDeadLetterQueue(parts, config, originalOfConsumed)
  const reports = openReports(parts, config, describeConsumed, deadLetters)
  const errants = openErrants(reports, codec)

  const props = consumerProps({ worker: worker.props, connector: connectorProps }, spec)
  const cluster = stack.use(
    kafka.openCluster(
      props,
      clientLogs((name) => hostPort.logger(name, context)),
    ),
  )
  const fetcher = stack.use(kafka.openFetcher(cluster, props, { stalled: readStalls(log, 'of the task') }))
  const assignment = openAssignment()
  const reading = openReading(assignment, fetcher)
  const { context: taskContext, requests } = openSinkContext({
    connector: spec.connector,
    task: spec.task,
    ...openLoan(parts, control.cancelled, stack),
    log: hostPort.logger(taskClassOf(plugin), context),
    assignment,
    pausesChanged: reading.pausesChanged,
    errantRecords: errants.errantRecords,
    rethrow: errants.rethrow,
    wake: control.wake,
  })
  const taskConfig = parsePluginConfig(plugin.config, taskProps) as ConfigOf<ConfigDef>
  const task = stack.use(
    await openedBy(`The task of ${plugin.class}`, () => plugin.task(taskConfig, taskContext), [
      'put',
      Symbol.asyncDispose,
    ]),
  )
  const topics = [...new Set(config.topics)].filter((topic) => topic !== '')
  await hostPort.ask('join', {
    props,
    topics: topics.length > 0 ? topics : config['topics.regex'].trim(),
    hidden: ownSecrets(),
  })
  hostPort.state('RUNNING')
  log.info('Sink task finished initialization and start')
  const interval = Number(props['max.poll.interval.ms'] ?? Infinity)
  await runSink({
    plugin: plugin.class,
    task,
    fetcher,
    convert: openConvert({
      steps,
      codec,
      tolerance: reports.tolerance,
      keepOrigin: reports.reporting,
    }),
    assignment,
    reading,
    requests,
    changes,
    control,
    commit: (offsets) => hostPort.ask('commit', offsets),
    reported: reports.settled,
    room: reports.room,
    state: hostPort.state,
    alive: hostPort.alive,
    aliveMs: Math.max(1, Math.min(ALIVE_MS, interval / SIGNS_IN_INTERVAL)),
    topicUsed: hostPort.topicUsed,
    commitIntervalMs: workerConfig['offset.flush.interval.ms'],
    commitTimeoutMs: workerConfig['offset.flush.timeout.ms'],
    meter: hostPort.meter,
    log,
  })
}

const SINK_TASK = 'org.apache.kafka.connect.sink.SinkTask'

/** What the task itself reports, and what that did to the tolerance. */
function openErrants({ reporting, hold, judged }: Reports<ConsumedRecord>, codec: Codec) {
  let exceeded: { readonly error: unknown } | null = null
  const reportErrant = async (record: SinkRecord, error: unknown): Promise<void> => {
    const origin = originOf(record) ?? (await consumedOf(record, codec))
    try {
      await judged({ stage: 'TASK_PUT', executing: SINK_TASK, error, origin })
    } catch (judgement) {
      exceeded ??= { error: judgement }
      throw judgement
    }
  }
  const errantRecords = (record: SinkRecord, error: unknown): Promise<void> => {
    const reported = hold(reportErrant(record, error))
    // a task that does not wait for it still fails, by `rethrow`
    reported.catch(() => {})
    return reported
  }
  return {
    errantRecords: reporting ? errantRecords : null,
    rethrow() {
      if (exceeded !== null) throw exceeded.error
    },
  }
}
