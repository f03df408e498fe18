import { ConnectError } from '@isthmus/sdk'
import { type PlainError, plainError, revive } from '../text/plain-error.ts'

/** What one side may ask of the other, by name: each a question with the type of its answer. */
type Table<T> = { readonly [N in keyof T]: { readonly ask: unknown; readonly answer: unknown } }

/** A question on its way, of one name or of any in the table. */
export type Question<T extends Table<T>, N extends keyof T = keyof T> = {
  [K in N]: { readonly type: 'ask'; readonly id: number; readonly what: K; readonly ask: T[K]['ask'] }
}[N]

/** The answer to the question with this number, or what went wrong. */
export interface Answer {
  readonly type: 'answer'
  readonly id: number
  readonly answer?: unknown
  readonly error?: PlainError
}

export type Ask<T extends Table<T>> = <N extends keyof T>(
  what: N,
  ask: T[N]['ask'],
) => Promise<T[N]['answer']>

/** How the other side answers, question by question. */
export type Answers<T extends Table<T>, N extends keyof T = keyof T> = {
  readonly [K in N]: (ask: T[K]['ask']) => Promise<T[K]['answer']> | T[K]['answer']
}

/** The asking side: questions out, answers matched to them. */
export interface Conversation<T extends Table<T>> {
  readonly ask: Ask<T>
  answered(message: Answer): void
  /** Rejects what is still unanswered, and every later question. */
  close(error: Error): void
}

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
}

export function openConversation<T extends Table<T>>(send: (question: Question<T>) => void): Conversation<T> {
  const open = new Map<number, Waiting>()
  let closed: Error | null = null
  let last = 0
  return {
    ask<N extends keyof T>(what: N, ask: T[N]['ask']) {
      if (closed !== null) return Promise.reject(closed)
      const id = ++last
      const question: Question<T, N> = { type: 'ask', id, what, ask }
      return new Promise<T[N]['answer']>((resolve, reject) => {
        open.set(id, { resolve, reject })
        send(question)
      })
    },
    answered({ id, answer, error }) {
      const waiting = open.get(id)
      open.delete(id)
      if (error === undefined) waiting?.resolve(answer)
      else waiting?.reject(revive(error))
    },
    close(error) {
      closed ??= error
      for (const waiting of open.values()) waiting.reject(closed)
      open.clear()
    },
  }
}

/**
 * The answering side: carries out what was asked and sends the answer, or what went wrong. `require` throws where a question is not as it
 * must be.
 */
export async function reply<T extends Table<T>, N extends keyof T>(
  question: Question<T, N>,
  answers: Partial<Answers<T>>,
  send: (message: Answer) => void,
  require: (question: Question<T, N>) => void = () => {},
): Promise<void> {
  const { id, what, ask } = question
  let message: Answer
  try {
    require(question)
    const answer = answers[what]
    if (answer === undefined) throw new ConnectError('internal', `Nothing here answers '${String(what)}'`)
    message = { type: 'answer', id, answer: (await answer(ask)) ?? null }
  } catch (error) {
    message = { type: 'answer', id, error: plainError(error) }
  }
  send(message)
}
