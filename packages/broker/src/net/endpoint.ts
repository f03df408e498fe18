import type { AnswerOf, Api, ReceivedOf } from '@isthmus/protocol'
import type { BrokerContext, Call } from '../context.ts'

/**
 * Answers one API. Errors of single topics, partitions or groups belong in the answer; a thrown error closes the connection,
 * as a failure that the request cannot be answered for. `null` means that the client expects no answer (acks=0).
 * Requests of one connection are answered one after another, so an answer that waits holds up that connection only.
 */
export type Answer<A extends Api> = (
  broker: BrokerContext,
  request: ReceivedOf<A>,
  call: Call,
) => AnswerOf<A> | null | Promise<AnswerOf<A> | null>

export interface Endpoint {
  readonly api: Api
  readonly answer: (broker: BrokerContext, request: unknown, call: Call) => unknown
}

/** For the table of `apis/index.ts`. */
export function endpoint<A extends Api>(api: A, answer: Answer<A>): Endpoint {
  return { api, answer: answer as Endpoint['answer'] }
}
