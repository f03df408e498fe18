// the text may be anybody's, and is read where heartbeats live: no pattern here can go back over what it has read
const MARK = /-(BEGIN|END) ([A-Z0-9 ]{1,64})-/g

export interface PemBlock {
  readonly label: string
  readonly pem: string
}

/** The blocks of PEM text, well formed again: in `.properties` the lines are often joined to one. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  let begin: { readonly label: string; readonly end: number } | null = null
  for (const { 0: mark, 1: kind, 2: label = '', index } of text.matchAll(MARK)) {
    if (kind === 'BEGIN') {
      begin = { label, end: index + mark.length }
      continue
    }
    const block = begin?.label === label ? blockOf(label, text.slice(begin.end, index)) : null
    if (block !== null) blocks.push(block)
    begin = null
  }
  return blocks
}

function blockOf(label: string, between: string): PemBlock | null {
  const body = withoutDashes(between)
  // a traditional key's own encryption stands in header lines, which must stay
  if (body.includes('Proc-Type:'))
    return { label, pem: `-----BEGIN ${label}-----\n${body.trim()}\n-----END ${label}-----\n` }
  const lines = body.split(/[\r\n]/).filter((line) => !line.includes(':'))
  const base64 = lines.join('').replace(/\s/g, '')
  return /^[A-Za-z0-9+/=]+$/.test(base64) ? { label, pem: toPem(label, base64) } : null
}
/** What is left of the dashes around the marks. */
function withoutDashes(text: string): string {
  let [from, to] = [0, text.length]
  while (text[from] === '-') from++
  while (to > from && text[to - 1] === '-') to--
  return text.slice(from, to)
}

export function toPem(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
