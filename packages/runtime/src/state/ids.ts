export interface TaskId {
  readonly connector: string
  readonly task: number
}

/** One key for connectors and tasks in a map; a connector's name may hold anything but control characters. */
export const connectorKey = (connector: string): string => connector
export const taskKey = (connector: string, task: number): string => `${connector}\u0000${task}`
