/** A password as a value: every text form is `[hidden]`; `reveal` gives the secret. */
export interface Secret {
  reveal(): string
  toString(): '[hidden]'
  toJSON(): '[hidden]'
}

const HIDDEN = '[hidden]'

/** Makes a secret of a text; a property of the type `password` is one already. */
export function secret(text: string): Secret {
  const hidden = () => HIDDEN as '[hidden]'
  return {
    reveal: () => text,
    toString: hidden,
    toJSON: hidden,
    [Symbol.for('nodejs.util.inspect.custom')]: hidden,
  } as Secret
}

/** Whether it is a secret, also one of another copy of this package. */
export const isSecret = (value: unknown): value is Secret =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Secret>).reveal === 'function'
