import type { Mechanism } from './mechanism.ts'

/** RFC 4616. */
export function plain(username: string, password: string): Mechanism {
  return {
    name: 'PLAIN',
    begin: () => ({
      first: async () => Buffer.from(`\0${username}\0${password}`),
      answer: async () => null,
    }),
  }
}
