const BLOCK = /-+BEGIN ([A-Z0-9 ]+)-+\s*(?:[^\s:]+:[^\r\n]*\s+)*([A-Za-z0-9+/=\s]+?)-+END \1-+/g

/** The blocks of PEM text, well formed again: in `.properties` the lines are often joined to one. */
export function pemBlocks(text: string): readonly { readonly label: string; readonly pem: string }[] {
  return [...text.matchAll(BLOCK)].map(([whole, label = '', body = '']) => ({
    label,
    // a traditional key's own encryption stands in header lines, which must stay
    pem: whole.includes('Proc-Type:') ? whole : toPem(label, body.replace(/\s/g, '')),
  }))
}
export function toPem(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
