/** Of a connector's process: messages of its instances, and the pipe by which its guard knows that the worker lives. */
export const MESSAGES_FD = 3
export const GUARD_FD = 4

/** What the first process compiled is there for the others, and not only when it ends. */
export const FLUSH_MS = 2000
