import type { Schema, SchemaName } from '@isthmus/rest-api'
import type { Herder } from '@isthmus/runtime'
import type { MaybePromise } from '@isthmus/sdk'
import type { LogLevels } from '../log/levels.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What the routes work on. */
export interface RestContext {
  readonly herder: Herder
  /** The URL that the worker advertises, with a slash at its end. */
  readonly url: string
  readonly clusterId: string | null
  readonly levels: LogLevels
  /** False until the connectors of the command line are created, or the worker's group has been joined. */
  readonly ready: boolean
}

export interface RestRequest {
  /** A decoded part of the path, by the name that the route gives it. */
  readonly param: (name: string) => string
  readonly query: URLSearchParams
  /** The JSON of the body; undefined when there is none. Numbers are `JsonNumber`, so that their text is kept. */
  readonly body: unknown
  /** Of routes that are `raw`: the body as it came. */
  readonly bytes: Uint8Array
  /** Null when it is absent. */
  readonly header: (name: string) => string | null
}

export interface RestReply {
  readonly status: number
  /** Absent: no content. */
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
  /** Another worker has done it. */
  readonly forwarded?: true
}

/** One operation of the API: the application, the answers to wrong methods and the OpenAPI document are all made of these. */
export interface Route {
  readonly method: Method
  /** Parameters in braces: `/connectors/{connector}/tasks/{task}/status`. */
  readonly path: string
  /** Served on the admin listeners, when there are any. */
  readonly admin?: true
  readonly summary: string
  readonly query?: { readonly [name: string]: { readonly schema: Schema; readonly description: string } }
  /** The name of the schema of the body, which is then required. */
  readonly body?: SchemaName
  /** The handler takes the body as bytes, whatever its type. */
  readonly raw?: true
  /** Schema names by status; null where there is no content. */
  readonly replies: { readonly [status: number]: SchemaName | null }
  readonly handle: (context: RestContext, request: RestRequest) => MaybePromise<RestReply>
}

export const ok = (body: unknown): RestReply => ({ status: 200, body })
export const accepted = (body?: unknown): RestReply =>
  body === undefined ? { status: 202 } : { status: 202, body }
export const noContent: RestReply = { status: 204 }

/** The name of the connector in the path. */
export const connectorOf = (request: RestRequest): string => request.param('connector')
