import { KafkaError } from '../errors.ts'

/** One authentication: the first message, then an answer to each challenge until the mechanism is content. */
export interface Exchange {
  first(): Promise<Buffer>
  /** Null: nothing more to say, and the server has proved what the mechanism asks it to prove. Rejects with AUTHENTICATION_FAILED. */
  answer(challenge: Buffer): Promise<Buffer | null>
}
export interface Mechanism {
  readonly name: string
  /** Called for each authentication and re-authentication. */
  begin(): Exchange
}

export const refused = (message: string): KafkaError => new KafkaError('AUTHENTICATION_FAILED', message)
