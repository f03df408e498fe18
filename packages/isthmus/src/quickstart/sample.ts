import { access, rename, writeFile } from 'node:fs/promises'

const LINES = 100_000
const goods = ['apples', 'bread', 'coffee', 'dates', 'eggs', 'figs', 'grapes', 'honey']
const towns = ['Corinth', 'Panama', 'Suez', 'Kra', 'Tehuantepec', 'Karelia', 'Avalon', 'Perekop']

/** Writes the sample input once: orders, one a line. A file that is there stays as it is. */
export async function writeSample(path: string): Promise<void> {
  try {
    await access(path)
    return
  } catch {
    const lines = Array.from({ length: LINES }, (_, index) => line(index + 1))
    // under its own name only once it is whole: a start that is cut short leaves no half a sample
    await writeFile(`${path}.new`, `${lines.join('\n')}\n`)
    await rename(`${path}.new`, path)
  }
}

function line(number: number): string {
  const pick = Math.imul(number, 2654435761) >>> 0
  const good = goods[pick % goods.length]
  const town = towns[(pick >>> 8) % towns.length]
  return `order ${String(number).padStart(6, '0')}: ${(pick >>> 16) % 90} × ${good} to ${town}`
}
