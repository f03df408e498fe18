import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/**
 * Keeps code of plugins from ending the worker by accident: it may close descriptors that it has opened itself, and no others, and it may
 * not send the worker a signal. Node.js holds exits, aborts and changes of the working folder off by itself. To be called once
 * by the entry module of a thread or process, before any plugin is imported.
 */
export function protectProcess(): void {
  protectDescriptors()
  protectWorker(isMainThread ? process.ppid : process.pid)
}

function protectDescriptors(): void {
  const mine = new Set<number>()
  const { open, openSync, close, closeSync } = fs
  /** What is no descriptor is refused by Node.js in its own words. */
  const isOthers = (fd: number): boolean => Number.isInteger(fd) && fd >= 0 && !mine.delete(fd)
  Object.assign(fs, {
    open(...args: Parameters<typeof open>) {
      const done: unknown = args.at(-1)
      if (typeof done === 'function')
        args[args.length - 1] = (error: Error | null, fd: number) => {
          if (error === null) mine.add(fd)
          done(error, fd)
        }
      open(...args)
    },
    openSync(...args: Parameters<typeof openSync>) {
      const fd = openSync(...args)
      mine.add(fd)
      return fd
    },
    close(...args: Parameters<typeof close>) {
      const [fd, done = thrown] = args
      if (isOthers(fd)) process.nextTick(done, notMine(fd))
      else close(...args)
    },
    closeSync(fd: number) {
      if (isOthers(fd)) throw notMine(fd)
      closeSync(fd)
    },
  })
  syncBuiltinESMExports()
}

/** As Node.js does where nobody is to be told. */
const thrown = (error: Error | null): void => {
  if (error !== null) throw error
}

const notMine = (fd: number): Error =>
  Object.assign(new Error(`EBADF: the descriptor ${fd} was not opened by this code, close`), {
    code: 'EBADF',
    syscall: 'close',
  })

function protectWorker(worker: number): void {
  const { kill } = process
  // 0 is the group of processes that the worker is in, -1 all that there are
  const kept = new Set([worker, -worker, 0, -1])
  process.kill = (pid, signal) => {
    if (kept.has(pid) && signal !== 0)
      throw new Error(
        `process.kill(${pid}) would end the worker: throw an error to end a task, or end a child by its own pid`,
      )
    return kill.call(process, pid, signal)
  }
}
