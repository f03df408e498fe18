import type { RequestProof } from '@isthmus/runtime'
import { ALGORITHM_HEADER, SIGNATURE_HEADER } from '@isthmus/runtime'
import type { Props } from '@isthmus/sdk'
import { parseBody, textsOf } from '../body.ts'
import { HttpError } from '../failure.ts'
import { connectorOf, noContent, type RestRequest, type Route } from '../route.ts'

const proofOf = ({ bytes, header }: RestRequest): RequestProof => ({
  body: bytes,
  signature: header(SIGNATURE_HEADER),
  algorithm: header(ALGORITHM_HEADER),
})

/** Of the configs of all tasks: other workers may ask for more than users. */
const MOST_VALUES = 1_000_000

function tasksOf({ bytes }: RestRequest): readonly Props[] {
  const body = parseBody(Buffer.from(bytes), MOST_VALUES) ?? []
  if (!Array.isArray(body)) throw new HttpError(400, 'The request body must be an array of task configs')
  return body.map((one, task) => {
    const texts = Object.entries(textsOf(one, `Config of task ${task}`))
    return Object.fromEntries(texts.filter((entry): entry is [string, string] => entry[1] !== null))
  })
}

/** What the workers of a group ask of their leader; each shows by a signature that it is one of them. */
export const betweenWorkersRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/connectors/{connector}/tasks',
    summary: 'Between workers of a cluster only: the task configs of a connector',
    raw: true,
    replies: {
      204: null,
      400: 'ErrorMessage',
      403: 'ErrorMessage',
      404: 'ErrorMessage',
      409: 'ErrorMessage',
    },
    async handle({ herder }, request) {
      await herder.putTasks(connectorOf(request), tasksOf(request), proofOf(request))
      return noContent
    },
  },
  {
    method: 'PUT',
    path: '/connectors/{connector}/fence',
    summary: 'Between workers of a cluster only: shuts out earlier tasks of a source connector',
    raw: true,
    replies: {
      204: null,
      400: 'ErrorMessage',
      403: 'ErrorMessage',
      404: 'ErrorMessage',
      409: 'ErrorMessage',
    },
    async handle({ herder }, request) {
      await herder.fence(connectorOf(request), proofOf(request))
      return noContent
    },
  },
]
