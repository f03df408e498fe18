import type { ColumnProperties } from '../columns/record-type.ts'
import { refusal } from '../refusal.ts'
import type { Endpoint } from './endpoint.ts'

interface CreateTypeRequest {
  readonly type_definition: string
  readonly label: string
  readonly properties: ColumnProperties
}

export const createType: Endpoint<CreateTypeRequest> = ({ database }, request) => {
  const type = database.createType(request.type_definition, request.label, request.properties)
  return {
    type_id: type.id,
    type_definition: type.schema,
    label: type.label,
    properties: type.properties,
    info: {},
  }
}

export const hasType: Endpoint<{ readonly type_id: string }> = ({ database }, { type_id }) => ({
  type_id,
  type_exists: database.type(type_id) !== undefined,
  info: {},
})

export const showTypes: Endpoint<{ readonly type_id: string }> = ({ database }, { type_id }) => {
  const type = database.type(type_id)
  if (type === undefined) throw refusal(`Type '${type_id}' does not exist`, 'TM/My:406')
  return {
    type_ids: [type.id],
    type_schemas: [type.schema],
    labels: [type.label],
    properties: [type.properties],
    info: {},
  }
}
