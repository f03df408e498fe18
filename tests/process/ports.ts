import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'

/** Below the ports that systems give to outgoing connections: one of those could take a port that a server is to have in a moment, or again. */
const LOWEST = 10_000
const HIGHEST = 32_000
const TRIES = 100

/** Ports that nobody listens on now: for servers that cannot be asked which port they took. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  try {
    while (servers.length < count) servers.push(await listening())
    return servers.map((server) => (server.address() as { port: number }).port)
  } finally {
    for (const server of servers) server.close()
  }
}

async function listening(): Promise<Server> {
  for (let left = TRIES; ; left--) {
    const server = createServer().listen(randomInt(LOWEST, HIGHEST), '127.0.0.1')
    try {
      await once(server, 'listening')
      return server
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || left === 0) throw error
    }
  }
}

export async function accepts(port: number): Promise<boolean> {
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
