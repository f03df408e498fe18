import type { Measurement } from './measure.ts'

const rows: readonly (readonly [keyof Measurement, string, 'more' | 'less'])[] = [
  ['recordsPerSecond', 'records/s', 'more'],
  ['cpuSecondsPerMillion', 'CPU s per million records', 'less'],
  ['steadyCpuSecondsPerMillion', 'the same after start-up', 'less'],
  ['peakRssMiB', 'peak memory, MiB', 'less'],
  ['firstRecordMs', 'start to first record, ms', 'less'],
  ['totalMs', 'start to last record, ms', 'less'],
]

/** A Markdown table; the last column says how many times better ours is. */
export function tableOf(title: string, results: { readonly [worker: string]: Measurement }): string {
  const { java, isthmus } = results
  const cell = (measurement: Measurement | undefined, key: keyof Measurement): string =>
    measurement === undefined ? '–' : measurement[key].toLocaleString('en')
  const ratio = (key: keyof Measurement, better: 'more' | 'less'): string => {
    if (java === undefined || isthmus === undefined) return '–'
    const times = better === 'more' ? isthmus[key] / java[key] : java[key] / isthmus[key]
    return `${times.toFixed(1)} ×`
  }
  const body = rows.map(
    ([key, name, better]) =>
      `| ${name} | ${cell(java, key)} | ${cell(isthmus, key)} | ${ratio(key, better)} |`,
  )
  return [`| ${title} | Java Connect | Isthmus | better by |`, '|---|---:|---:|---:|', ...body].join('\n')
}

/** Each figure's median over the rounds. */
export function mediansOf<Figures extends object>(
  rounds: readonly (Figures & Record<keyof Figures, number>)[],
): Figures {
  const middle = (key: keyof Figures): number =>
    rounds.map((round) => round[key]).sort((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0
  const keys = Object.keys(rounds[0] ?? {}) as (keyof Figures)[]
  return Object.fromEntries(keys.map((key) => [key, middle(key)])) as Figures
}
