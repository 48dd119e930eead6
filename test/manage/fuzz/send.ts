/** Requests as they are written: paths that `fetch` would tidy, headers it would refuse. */
import { Agent, request } from 'node:http'

export interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
}

export interface Received {
  readonly status: number
  /** `Content-Type`. */
  readonly type: string
  readonly requestId: string | undefined
  readonly body: string
}

const agent = new Agent({ keepAlive: true })

/** Sends it to this machine; rejects where no whole answer comes. */
export function send(port: number, { body, ...sent }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(body.length) }
    const headers = { ...sent.headers, ...length }
    const asked = request({ host: '127.0.0.1', port, agent, ...sent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const id = response.headers['x-request-id']
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          requestId: typeof id === 'string' ? id : undefined,
          body: Buffer.concat(chunks).toString(),
        })
      })
    })
    // A connection that was kept may be closed by what it carried before: the head of that was refused.
    asked.on('error', (error: NodeJS.ErrnoException) => {
      const stale = asked.reusedSocket && error.code === 'ECONNRESET'
      if (stale) resolve(send(port, { body, ...sent }))
      else reject(error)
    })
    asked.end(body)
  })
}
