/** A real server for key sets that counts what is asked of it. */
import { readFileSync } from 'node:fs'
import {
  createServer as createHttp,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface KeyServer {
  readonly origin: string
  /** Paths in the order in which they were asked for. */
  readonly asked: readonly string[]
  /** Answers from now on. */
  answer: (res: ServerResponse, path: string) => void
  readonly close: () => Promise<void>
}

/** Self-signed for localhost and 127.0.0.1, valid until 2120; worth nothing anywhere else. */
export const certificate = readPem('localhost.cert.pem')

export function startHttp(): Promise<KeyServer> {
  return start('http', (listener) => createHttp(listener))
}

export function startHttps(): Promise<KeyServer> {
  const tls = { key: readPem('localhost.key.pem'), cert: certificate }
  return start('https', (listener) => createHttps(tls, listener))
}

async function start(
  scheme: string,
  create: (listener: RequestListener) => Server,
): Promise<KeyServer> {
  const asked: string[] = []
  const server = create((req, res) => {
    asked.push(req.url ?? '')
    running.answer(res, req.url ?? '')
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const running: KeyServer = {
    origin: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (res) => res.writeHead(404).end(),
    close: async () => {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeAllConnections()
      await closed.promise
    },
  }
  return running
}

function readPem(name: string): string {
  return readFileSync(new URL(`data/${name}`, import.meta.url), 'utf8')
}
