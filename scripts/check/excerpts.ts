import type { Source } from './sources.ts'

/** A block of code in a guide: what its fence says, and its lines. */
interface Block {
  readonly path: string
  readonly line: number
  readonly language: string
  /** The file that it is from; '' where the fence names none. */
  readonly file: string
  readonly lines: readonly string[]
}

const GUIDE = /^docs\/guide\/[^/]+\.md$/
const FENCE = /^```(\w*)(?: (\S+))?$/
/** Stands for any lines that are left out. */
const LEFT_OUT = '…'

/** TypeScript in guides is text of a file that runs: its fence names the file, as every fence may. */
export function checkExcerpts(sources: readonly Source[]): string[] {
  const texts = new Map(sources.map(({ path, text }) => [path, text]))
  return sources
    .filter(({ path }) => GUIDE.test(path))
    .flatMap(blocksOf)
    .flatMap((block) => {
      const at = `${block.path}:${block.line}`
      if (block.file === '')
        return block.language === 'ts'
          ? [`${at}: code of no file; write \`\`\`ts and the path of one that has it`]
          : []
      const text = texts.get(block.file)
      if (text === undefined) return [`${at}: there is no file ${block.file}`]
      const missing = missingOf(block.lines, text)
      return missing === null ? [] : [`${at}: ${block.file} does not have: ${missing}`]
    })
}

function blocksOf({ path, text }: Source): Block[] {
  const blocks: Block[] = []
  let open: {
    readonly line: number
    readonly language: string
    readonly file: string
    lines: string[]
  } | null = null
  for (const [index, line] of text.split('\n').entries()) {
    const fence = FENCE.exec(line)
    if (fence === null) open?.lines.push(line)
    else if (open === null)
      open = { line: index + 1, language: fence[1] ?? '', file: fence[2] ?? '', lines: [] }
    else {
      blocks.push({ path, ...open })
      open = null
    }
  }
  return blocks
}

/** The first line of a part that a file does not have behind the parts before; null where it has them all. */
function missingOf(lines: readonly string[], file: string): string | null {
  const text = squeezed(file)
  let from = 0
  for (const part of partsOf(lines)) {
    // and a comma that was followed by more may now be followed by an end
    const wanted = squeezed(part.join('\n')).replace(/,$/, '')
    const at = text.indexOf(wanted, from)
    if (at < 0) return part[0]?.trim() ?? ''
    from = at + wanted.length
  }
  return null
}

function partsOf(lines: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [[]]
  for (const line of lines)
    if (line.trim() === LEFT_OUT) parts.push([])
    else parts.at(-1)?.push(line)
  return parts.filter((part) => part.length > 0)
}

/** Without what the formatter may do differently where the lines before are not there. */
const squeezed = (text: string): string => text.replaceAll(/\s+/g, '').replaceAll(/,(?=[)\]}])/g, '')
