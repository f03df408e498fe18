import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

// preloaded into a process and its threads: notes what each of them loads
const file = join(process.env.NOTE_LOADS, `${process.pid}-${threadId}`)
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(file, `${url}\n`)
    return next(url, context)
  },
})
