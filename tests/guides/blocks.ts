/** A step of a guide: a command block, and the output that the block after it promises. */
export interface Step {
  readonly line: number
  readonly commands: string
  /** Null: the guide promises nothing but success. */
  readonly output: string | null
}

/** What follows the language is the file that a block shows: neither commands nor what they print. */
const FENCE = /^```(\w*)(?: (\S+))?$/

/** The `sh` blocks of a Markdown text, each with the `text` or `json` block that follows it. */
export function stepsOf(markdown: string): Step[] {
  const steps: { line: number; commands: string; output: string | null }[] = []
  let open: { language: string; line: number; text: string[] } | null = null
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = FENCE.exec(line)
    if (fence === null) open?.text.push(line)
    else if (open === null)
      open = { language: fence[2] === undefined ? (fence[1] ?? '') : '', line: index + 1, text: [] }
    else {
      const text = open.text.join('\n')
      const last = steps.at(-1)
      if (open.language === 'sh') steps.push({ line: open.line, commands: text, output: null })
      else if (open.language === 'text' || open.language === 'json') {
        if (last === undefined || last.output !== null)
          throw new Error(`line ${open.line}: an output without a command before it`)
        last.output = text
      }
      open = null
    }
  }
  return steps
}

/** Whether something printed is what a guide promises, whatever the blanks; `…` stands for anything. */
export function matches(printed: string, promised: string): boolean {
  const parts = promised.split('…').map((part) => RegExp.escape(part.replaceAll(/\s+/g, '')))
  return new RegExp(`^${parts.join('.*?')}$`).test(printed.replaceAll(/\s+/g, ''))
}
