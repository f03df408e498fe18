import { type ConfigDef, type Header, nonNull, type TransformPlugin } from '@isthmus/sdk'
import { parseString } from '@isthmus/sdk/data'
import { VERSION } from '../version.ts'

const config = {
  header: { type: 'string', validate: nonNull, importance: 'high', doc: 'The name of the header.' },
  'value.literal': {
    type: 'string',
    validate: nonNull,
    importance: 'high',
    doc: 'The value of the header; what looks like a number, a list or a date is taken for one.',
  },
} as const satisfies ConfigDef

export const InsertHeader: TransformPlugin<typeof config> = {
  type: 'transformation',
  class: 'org.apache.kafka.connect.transforms.InsertHeader',
  version: VERSION,
  config,
  open({ header: key, 'value.literal': literal }) {
    const header: Header = { key, ...parseString(literal) }
    return { apply: (record) => ({ ...record, headers: [...record.headers, header] }) }
  },
}
