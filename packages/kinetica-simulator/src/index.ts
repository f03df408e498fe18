export type { Value } from './columns/value.ts'
export type { MonitorEvent } from './monitors/monitors.ts'
export type { Fault, FaultAction } from './server/faults.ts'
export {
  type NamedMonitor,
  type NamedRow,
  openSimulator,
  type SimulatedMonitors,
  type Simulator,
  type SimulatorOptions,
} from './simulator.ts'
