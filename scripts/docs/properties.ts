import type { ConfigDef, ConfigKey } from '@isthmus/sdk'
import { renderKey } from '@isthmus/sdk/config'
import { cell, table } from './page.ts'

/** Properties as a table of Markdown, in the order of their definition. */
export function tableOf(def: ConfigDef): string {
  const rows = Object.entries(def)
    .filter(([, key]) => key.internal !== true)
    .map(([name, key]) => [`\`${name}\``, typeOf(key), unlessSet(name, key), cell(key.doc)])
  if (rows.length === 0) return 'It has no properties of its own.'
  return table(['property', 'type', 'unless set', 'what it says'], rows)
}

/** What a validator accepts may hold the tags of Java's own manual. */
function typeOf({ type, validate }: ConfigKey): string {
  const accepted = cell((validate?.description ?? '').replaceAll(/<\/?code>/g, '').trim())
  return accepted === '' ? type : `${type}: ${accepted}`
}

function unlessSet(name: string, key: ConfigKey): string {
  const { required, default_value: value } = renderKey(name, key)
  if (required) return 'required'
  if (value === null) return ''
  // the text of a password is hidden, also where there is none
  return value === '' || key.default === '' ? 'empty' : `\`${cell(value)}\``
}
