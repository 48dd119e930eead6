/** A real service that keeps what it received, so that a test can say what arrived and what did not. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  /** Header names in lower case, every value. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
  readonly trailers: readonly string[]
}

export interface RecordingUpstream {
  readonly server: Server
  readonly port: number
  readonly origin: string
  /** Every request that came whole. */
  readonly received: Received[]
  /** Method and target of every request whose head came, whatever became of its body. */
  readonly begun: string[]
  readonly close: () => Promise<void>
}

type Respond = (req: IncomingMessage, res: ServerResponse, body: string) => void

const echo: Respond = (req, res) => {
  res.setHeader('content-type', 'text/plain')
  res.end(`${req.method} ${req.url}`)
}

/** Starts a service on a free port of loopback. */
export async function startUpstream(respond: Respond = echo): Promise<RecordingUpstream> {
  const received: Received[] = []
  const begun: string[] = []
  const server = createServer((req, res) => {
    begun.push(`${req.method} ${req.url}`)
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      received.push(recordOf(req, body))
      respond(req, res, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    origin: `http://127.0.0.1:${port}`,
    received,
    begun,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function recordOf(req: IncomingMessage, body: string): Received {
  const headers = new Map<string, string[]>()
  for (let index = 0; index + 1 < req.rawHeaders.length; index += 2) {
    const name = (req.rawHeaders[index] ?? '').toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), req.rawHeaders[index + 1] ?? ''])
  }
  const { method = '', url = '', rawHeaders, rawTrailers } = req
  return { method, target: url, rawHeaders, headers, body, trailers: rawTrailers }
}
