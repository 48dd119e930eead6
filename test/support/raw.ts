/** HTTP as bytes over a socket: what a client library would tidy up, an attacker sends. */
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  /** The status of the first answer; 0 when the connection closed without one. */
  readonly status: number
  /** Header names in lower case; the last value of a repeated one. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Everything that was received, as latin-1 text. */
  readonly text: string
}

/** Opens a connection; rejects when nobody listens. */
export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Reads until the peer closes or `quietMs` pass without a byte after the first. */
export function readAll(socket: Socket, quietMs = 150, longestMs = 8_000): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let quiet: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(quiet)
      clearTimeout(longest)
      socket.destroy()
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    const longest = setTimeout(finish, longestMs)
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      clearTimeout(quiet)
      quiet = setTimeout(finish, quietMs)
    })
    socket.on('close', finish)
    socket.on('error', finish)
  })
}

/** Reads the first answer out of received text. */
export function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers: Record<string, string> = {}
  for (const field of fields) {
    const colon = field.indexOf(':')
    headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim()
  }
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1] ?? 0)
  return { status, headers, body: rest.join('\r\n\r\n'), text }
}

/** Sends `bytes` (latin-1) on a new connection and reads what comes back. */
export async function exchange(port: number, bytes: string): Promise<RawAnswer> {
  const socket = await open(port)
  const received = readAll(socket)
  socket.write(Buffer.from(bytes, 'latin1'))
  return parseAnswer(await received)
}

/**
 * The whole answers at the beginning of received text, interim ones included; one without a length
 * is whole only when the peer has closed. `bodiless`: they answer a HEAD.
 */
export function answersIn(text: string, { bodiless = false, closed = false } = {}): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = text; rest !== ''; ) {
    const end = endOfAnswer(rest, bodiless) ?? (closed ? rest.length : undefined)
    if (end === undefined) break
    answers.push(parseAnswer(rest.slice(0, end)))
    rest = rest.slice(end)
  }
  return answers
}

/** Where the first answer ends (RFC 9112 section 6.3); `undefined` while that is not known. */
function endOfAnswer(text: string, bodiless: boolean): number | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const body = head + 4
  const { status, headers } = parseAnswer(text.slice(0, body))
  if (bodiless || status < 200 || status === 204 || status === 304) return body
  const length = headers['content-length']
  if (length !== undefined) {
    const end = body + Number(length)
    return end <= text.length ? end : undefined
  }
  const last = headers['transfer-encoding'] === 'chunked' ? text.indexOf('0\r\n\r\n', body) : -1
  return last < 0 ? undefined : last + 5
}

/** Sends `bytes` (latin-1) on a new connection and returns with the first whole final answer. */
export async function ask(port: number, bytes: string, longestMs = 8_000): Promise<RawAnswer> {
  const socket = await open(port)
  const bodiless = bytes.startsWith('HEAD ')
  return new Promise((resolve) => {
    let text = ''
    const finish = () => {
      clearTimeout(longest)
      socket.destroy()
      const answers = answersIn(text, { bodiless, closed: true })
      resolve(answers.find(({ status }) => status >= 200) ?? parseAnswer(text))
    }
    const longest = setTimeout(finish, longestMs)
    socket.on('close', finish).on('error', finish)
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (answersIn(text, { bodiless }).some(({ status }) => status >= 200)) finish()
    })
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}
