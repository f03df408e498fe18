import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const READY_MS = 30_000
/** Below the ports of outgoing connections, so that none of those takes a port while its server is down. */
const LOWEST = 10_000
const HIGHEST = 32_000
const TRIES = 100

export type RunningServer = AsyncDisposable

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (let left = TRIES; ; left--) {
    const port = randomInt(LOWEST, HIGHEST)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      server.close()
      await once(server, 'close')
      return port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || left === 0) throw error
    }
  }
}

/** Ends the server at once when its standard input ends: when this process tells it to, and when this process is no more. */
const GUARD = '"$@" & trap "" INT TERM; cat > /dev/null; kill -9 $!; wait $!'

/** Starts a server and waits until it accepts connections; disposing kills it and waits until it is gone. */
export async function startServer(
  command: readonly string[],
  env: { readonly [name: string]: string },
  port: number,
): Promise<RunningServer> {
  const child = spawn('sh', ['-c', GUARD, 'sh', ...command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-10_000)
    })
  const ended = once(child, 'close')
  const stop = async (): Promise<void> => {
    child.stdin.end()
    await ended
  }
  const deadline = Date.now() + READY_MS
  while (!(await accepts(port))) {
    if (Date.now() < deadline) await wait(20)
    else {
      await stop()
      throw new Error(`'${command[0]}' does not listen on port ${port}:\n${output}`)
    }
  }
  return { [Symbol.asyncDispose]: stop }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
