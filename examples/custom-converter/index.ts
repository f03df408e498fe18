import { type ConfigDef, converter, dataError, nonEmptyList } from '@isthmus/sdk'
import { csvCells, csvLine } from './csv.ts'

const config = {
  columns: {
    type: 'list',
    validate: nonEmptyList,
    importance: 'high',
    doc: 'Names of the columns, in their order.',
  },
} as const satisfies ConfigDef

/** Each message a line of CSV: `1,"Smith, Anna"`. Values are objects of text. */
export const CsvConverter = converter({
  class: 'example.CsvConverter',
  version: '1.0.0',
  config,
  write({ value }, { columns }) {
    // without data there is no message: it deletes what has its key
    if (value === null) return null
    if (typeof value !== 'object' || Array.isArray(value) || ArrayBuffer.isView(value))
      throw dataError('A line of CSV is made of a value with fields')
    const fields = value as { readonly [field: string]: unknown }
    return csvLine(columns.map((column) => fields[column] ?? ''))
  },
  read({ bytes }, { columns }) {
    if (bytes === null) return { schema: null, value: null }
    const cells = csvCells(Buffer.from(bytes).toString())
    if (cells === null) throw dataError('A cell begins with a quote and does not end with one')
    if (cells.length !== columns.length)
      throw dataError(`The line has ${cells.length} cells, for ${columns.length} columns`)
    return {
      schema: null,
      value: Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])),
    }
  },
})
