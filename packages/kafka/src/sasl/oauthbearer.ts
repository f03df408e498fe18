import { type Mechanism, refused } from './mechanism.ts'

/** RFC 7628 with Kafka's extensions (KIP-342). `token` is asked for each authentication. */
export function oauthBearer(
  token: () => Promise<string>,
  extensions: { readonly [name: string]: string },
): Mechanism {
  const list = Object.entries(extensions)
    .map(([name, value]) => `\u0001${name}=${value}`)
    .join('')
  return {
    name: 'OAUTHBEARER',
    begin: () => ({
      first: async () => Buffer.from(`n,,\u0001auth=Bearer ${await token()}${list}\u0001\u0001`),
      async answer(challenge) {
        if (challenge.length === 0) return null
        // the server says what is wrong, and fails the authentication once we have heard it
        if (challenge.length < 4096) return Buffer.of(1)
        throw refused('The server answered OAUTHBEARER with a challenge that is too long')
      },
    }),
  }
}
