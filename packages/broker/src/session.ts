import type { RequestHeader } from '@isthmus/protocol'

/** Who a connection belongs to. Without SASL everybody may ask everything as ANONYMOUS. */
export interface Session {
  readonly principal: string
  /** Throws when the client has to authenticate (again) before it asks this. */
  admit(header: RequestHeader): void
  /** Whether `answer` answers this API instead of its endpoint: the SASL exchange is a connection's own affair. */
  answers(key: number): boolean
  answer(header: RequestHeader, request: unknown): object | Promise<object>
}

export const anonymous: Session = {
  principal: 'User:ANONYMOUS',
  admit() {},
  answers: () => false,
  answer() {
    throw new Error('there is no SASL here')
  },
}
