// a word as a shell splits them, quoted in whole or in part; or what is left of one that nothing closes
const WORD = /(?:[^\s"']|"[^"]*"|'[^']*')+|["'][^\s]*/g

/** What Java's start scripts hand to the JVM from `KAFKA_OPTS`: `-Dname=value`, the last one counts. */
export function systemProperties(env: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const properties = new Map<string, string>()
  for (const [word] of (env['KAFKA_OPTS'] ?? '').matchAll(WORD)) {
    const option = word.replace(
      /"([^"]*)"|'([^']*)'/g,
      (_, double?: string, single?: string) => double ?? single ?? '',
    )
    const [, name, value = ''] = /^-D([^=]+)=?(.*)$/s.exec(option) ?? []
    if (name !== undefined) properties.set(name, value)
  }
  return properties
}
