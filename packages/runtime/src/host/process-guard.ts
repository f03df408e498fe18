import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { workerData } from 'node:worker_threads'
import { GUARD_FD } from './process-pipes.ts'

// a thread of a connector's process that none of the connector's code can keep busy: it ends the process with its worker, and when
// the process takes more memory than it may, on the heap or off it
const LOOK_MS = 100
const limit = Number(workerData) * 2 ** 20

const kill = (): void => void process.kill(process.pid, 'SIGKILL')

const worker = new Socket({ fd: GUARD_FD, readable: true, writable: true })
worker.on('error', kill)
worker.on('close', kill)
worker.resume()

/** Two looks in a row: what is garbage may go between them. */
let over = false
setInterval(() => {
  const taken = process.memoryUsage.rss()
  if (taken > limit && over) {
    writeSync(GUARD_FD, `${Math.round(taken / 2 ** 20)}`)
    kill()
  }
  over = taken > limit
}, LOOK_MS)
