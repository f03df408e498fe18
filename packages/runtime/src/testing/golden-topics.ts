import { readFileSync } from 'node:fs'

export interface GoldenRecord {
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly value: string | null
}

/** What a Java worker wrote; how it was recorded stands in the file. For tests. */
export function goldenTopics(): Record<'configs' | 'offsets' | 'statuses', readonly GoldenRecord[]> {
  const text = readFileSync(new URL('../store/golden/internal-topics.json', import.meta.url), 'utf8')
  const rows: { [topic in 'configs' | 'offsets' | 'statuses']: [number, number, string, string | null][] } =
    JSON.parse(text)
  const records = (of: keyof typeof rows) =>
    rows[of].map(([partition, offset, key, value]) => ({ partition, offset, key, value }))
  return { configs: records('configs'), offsets: records('offsets'), statuses: records('statuses') }
}
