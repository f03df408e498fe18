/** What the database refuses: its message goes to the client in the envelope, with status ERROR. */
export class Refusal extends Error {
  override name = 'Refusal'
}

/** The form in which Kinetica words an error: what is wrong, and the code of the place that found it. */
export const refusal = (message: string, code: string): Refusal => new Refusal(`${message} (${code})`)
