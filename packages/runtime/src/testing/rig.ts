import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenHost } from '../host/host.ts'
import { openInlineHost } from '../host/inline.ts'
import type { LogEntry } from '../log/log.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import type { KafkaClients } from '../task/kafka.ts'
import { openStandalone, type Standalone } from '../worker/standalone.ts'
import { type FakeKafka, fakeKafka } from './fake-kafka.ts'
import { testPlugins } from './plugins.ts'

/** A folder, a Kafka in memory and standalone workers over both. */
export interface Rig extends AsyncDisposable {
  readonly kafka: FakeKafka
  readonly lines: LogEntry[]
  open(
    props?: { readonly [name: string]: string },
    openHost?: OpenHost,
    plugins?: readonly PluginDescriptor[],
    clients?: KafkaClients,
  ): Promise<Standalone>
}

export async function rig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-worker-'))
  const kafka = fakeKafka()
  const lines: LogEntry[] = []
  return {
    kafka,
    lines,
    open: (props = {}, openHost = openInlineHost(kafka), plugins = testPlugins, clients = kafka) =>
      openStandalone({
        kafka: clients,
        openHost,
        scan: { plugins, warnings: [] },
        log: (entry) => lines.push(entry),
        props: {
          'bootstrap.servers': 'nowhere:1',
          'key.converter': 'Text',
          'value.converter': 'Text',
          'offset.storage.file.filename': join(folder, 'offsets'),
          'offset.flush.interval.ms': '20',
          ...props,
        },
      }),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true })
    },
  }
}

/** `none` while there is no status. */
export function stateOf(worker: Standalone, name: string, task?: number): string {
  try {
    return task === undefined
      ? worker.herder.status(name).connector.state
      : worker.herder.taskStatus(name, task).state
  } catch {
    return 'none'
  }
}
