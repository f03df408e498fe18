import { delimiter, dirname } from 'node:path'

/**
 * The environment of what a user runs, with the test's own Node.js as `node`. What npm and Node.js tell the test's process is not for it (empty
 * it would count as well), and what it prints is plain text: programs colour it where `CI` or `FORCE_COLOR` is set, terminal or not.
 */
export function usersEnv(): { readonly [name: string]: string | undefined } {
  return {
    ...process.env,
    NODE_COMPILE_CACHE: undefined,
    NODE_TEST_CONTEXT: undefined,
    FORCE_COLOR: undefined,
    NO_COLOR: '1',
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
  }
}
