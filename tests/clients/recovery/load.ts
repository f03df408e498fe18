/** What goes on while the broker is killed again and again, and is held to its promises in the end. */
export interface Load extends AsyncDisposable {
  /** How much was acknowledged so far. */
  progress(): number
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
  /** Compares what the broker has with what it acknowledged. Returns what was compared. */
  check(): Promise<string>
}
