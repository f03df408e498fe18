/** Of the system, or of the process, whatever the path. */
const LACKS: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'])

/**
 * Throws an error of the file system again that says nothing of the path, but that nobody can look now: what is there would seem to be gone. To be
 * called before any such error is taken for an answer.
 */
export function requireReach(error: unknown): void {
  if (LACKS.has((error as NodeJS.ErrnoException).code)) throw error
}
