import type { TestContext } from 'node:test'
import { openTempDir } from '../../process/temp-dir.ts'
import { type ChaosOptions, chaos } from './chaos.ts'

/** About four faults; the long form breaks a group for ten minutes. */
const DURATION_MS = 30_000
/** The machine may be busy with other tests; the long form asks for 5 seconds. */
const SPARE_MS = 60_000

/** Half a minute of chaos, with a seed that the test tells. */
export async function shortChaos(
  t: TestContext,
  open: (dataDir: string) => Promise<ChaosOptions['broker'] & AsyncDisposable>,
): Promise<void> {
  await using dir = await openTempDir()
  await using broker = await open(dir.at('broker'))
  const seed = Date.now() % 1_000_000
  const say = (line: string): void => t.diagnostic(line)
  say(`seed ${seed}`)
  await chaos({ dir, broker, durationMs: DURATION_MS, spareMs: SPARE_MS, seed, say })
}
