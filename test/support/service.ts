/** A service behind the gateway, as a test writes it, which knows its connections. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Service {
  readonly server: Server
  readonly port: number
  readonly origin: string
  /** The connections that are open now. */
  readonly open: ReadonlySet<Socket>
  readonly close: () => Promise<void>
}

/** Listens on `port`, or on a free one. */
export async function startService(respond: RequestListener, port = 0): Promise<Service> {
  const open = new Set<Socket>()
  const server = createServer(respond)
  server.on('connection', (socket) => {
    open.add(socket)
    socket.on('error', () => undefined).once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const bound = (server.address() as AddressInfo).port
  return {
    server,
    port: bound,
    origin: `http://127.0.0.1:${bound}`,
    open,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
