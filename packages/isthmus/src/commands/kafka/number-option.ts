import { ConnectError } from '@isthmus/sdk'

/** A whole number that an option takes; null where it is not given. */
export function numberOption(option: string, text: string | undefined, least: number): number | null {
  if (text === undefined) return null
  const number = Number(text)
  if (/^\d{1,15}$/.test(text) && number >= least) return number
  throw new ConnectError('config', `--${option} takes a number from ${least}, not '${text}'.`)
}
