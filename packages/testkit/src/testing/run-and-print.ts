/** A test that is killed: runs a worker, says which process and folder it has, and waits. */
import { runWorker } from '../index.ts'

const worker = await runWorker()
const folder = /offset\.storage\.file\.filename = (.*)\/offsets/.exec(worker.log)?.[1]
process.stdout.write(`${JSON.stringify({ pid: worker.pid, folder })}\n`)
