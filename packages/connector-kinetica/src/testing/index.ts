export { openSubscriber } from '../monitor/subscriber.ts'
export { openSourceTask } from '../source/source-task.ts'
export { TIMINGS, type Timings } from '../source/timings.ts'
