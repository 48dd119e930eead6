/** A service that answers 1 KB; a process of its own. Prints its port. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const body = Buffer.alloc(1_024, 'x')
const server = createServer((req, res) => {
  req.resume()
  res.writeHead(200, { 'Content-Length': body.length, 'Content-Type': 'text/plain' })
  res.end(body)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
