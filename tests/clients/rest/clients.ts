import { kafkaconnectVenv, playKafkaconnect } from './kafkaconnect.ts'
import { kcVenv, playKc } from './kc.ts'
import type { Played } from './play.ts'
import { playSourcelab, sourcelabClassPath } from './sourcelab.ts'
import type { Stage } from './stage.ts'

export interface Client {
  /** Once for a machine. */
  readonly fetch: () => Promise<unknown>
  readonly play: (stage: Stage) => Promise<readonly Played[]>
  /** Whether it can send some. */
  readonly passwords: boolean
}

/** Clients of the REST API that nobody here wrote, unchanged. */
export const clients = {
  kc: { fetch: kcVenv, play: playKc, passwords: true },
  kafkaconnect: { fetch: kafkaconnectVenv, play: playKafkaconnect, passwords: false },
  sourcelab: { fetch: sourcelabClassPath, play: playSourcelab, passwords: true },
} satisfies { readonly [name: string]: Client }
