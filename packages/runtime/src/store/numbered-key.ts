/** Keys of tasks: a connector's name, which may hold dashes itself, and a number. Null for any other text. */
export function parseNumbered(text: string): { readonly connector: string; readonly task: number } | null {
  const end = text.lastIndexOf('-')
  const number = text.slice(end + 1)
  if (end <= 0 || !/^[0-9]{1,9}$/.test(number)) return null
  return { connector: text.slice(0, end), task: Number(number) }
}
