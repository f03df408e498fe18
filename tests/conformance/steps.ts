/** One request of the conformance scenario, or a wait for a state that both workers reach in their own time. */
export type Step =
  | {
      readonly type: 'request'
      readonly method: string
      readonly path: string
      readonly headers: { readonly [name: string]: string }
      /** Sent as it is; `{dir}` stands for the folder of the run. */
      readonly body: string | undefined
      /** Say why this one is here, where the path does not. */
      readonly note: string | undefined
    }
  /** A wait until the answer to a GET holds a text. */
  | { readonly type: 'await'; readonly path: string; readonly holds: string }
  | {
      readonly type: 'settle'
      readonly connector: string
      /** Of the connector; null: it is gone. */
      readonly state: string | null
      readonly tasks: number
      readonly taskState: string | null
    }

const JSON_TYPE = { 'content-type': 'application/json' }

/** `request('PUT /connectors/a/config', {…})`: an object is sent as JSON, a string as it is. */
export function request(
  line: string,
  body?: unknown,
  options?: { headers?: { readonly [name: string]: string }; note?: string },
): Step {
  const space = line.indexOf(' ')
  return {
    type: 'request',
    method: line.slice(0, space),
    path: line.slice(space + 1),
    headers: options?.headers ?? (body === undefined ? {} : JSON_TYPE),
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    note: options?.note,
  }
}

export const settle = (connector: string, state: string | null, tasks = 0, taskState = state): Step => ({
  type: 'settle',
  connector,
  state,
  tasks,
  taskState,
})

export const awaitText = (path: string, holds: string): Step => ({ type: 'await', path, holds })
