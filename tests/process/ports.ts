import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'

/** Ports that nobody listens on now: for servers that cannot be asked which port they took. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  try {
    for (let index = 0; index < count; index++) {
      const server = createServer().listen(0, '127.0.0.1')
      servers.push(server)
      await once(server, 'listening')
    }
    return servers.map((server) => (server.address() as { port: number }).port)
  } finally {
    for (const server of servers) server.close()
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
