import { refusal } from '../refusal.ts'

/** A piece of an expression. `quoted` is a text in double quotes: a column where there is one of that name, a string otherwise. */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'quoted' | 'sign' | 'end'
  readonly text: string
}

const piece =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|([A-Za-z_][A-Za-z0-9_.]*)|(<=|>=|<>|!=|==|\|\||&&|[-+=<>(),!]))/y

const END: Token = { kind: 'end', text: '' }

/** The pieces of an expression, with an end behind them; throws a Refusal where a character begins none. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = []
  const text = expression.trimEnd()
  piece.lastIndex = 0
  while (piece.lastIndex < text.length) {
    const at = piece.lastIndex
    const match = piece.exec(text)
    if (match === null)
      throw refusal(`Invalid expression '${expression}': at '${text.slice(at)}'`, 'E/Ex:501')
    tokens.push(tokenOf(match))
  }
  return [...tokens, END]
}

function tokenOf([, number, string, quoted, word, sign]: RegExpExecArray): Token {
  if (number !== undefined) return { kind: 'number', text: number }
  if (string !== undefined) return { kind: 'string', text: string.replaceAll("''", "'") }
  if (quoted !== undefined) return { kind: 'quoted', text: quoted.replaceAll('""', '"') }
  if (word !== undefined) return { kind: 'word', text: word }
  return { kind: 'sign', text: sign ?? '' }
}
