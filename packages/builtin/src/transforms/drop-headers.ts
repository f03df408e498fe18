import { type ConfigDef, NO_HEADERS, type TransformPlugin, validList } from '@isthmus/sdk'
import { VERSION } from '../version.ts'

const config = {
  headers: {
    type: 'list',
    validate: validList({ empty: false }),
    importance: 'high',
    doc: 'The names of the headers that are taken away.',
  },
} as const satisfies ConfigDef

export const DropHeaders: TransformPlugin<typeof config> = {
  type: 'transformation',
  class: 'org.apache.kafka.connect.transforms.DropHeaders',
  version: VERSION,
  config,
  open({ headers: names }) {
    const dropped = new Set(names)
    return {
      apply(record) {
        if (!record.headers.some(({ key }) => dropped.has(key))) return record
        const kept = record.headers.filter(({ key }) => !dropped.has(key))
        return { ...record, headers: kept.length === 0 ? NO_HEADERS : kept }
      },
    }
  },
}
