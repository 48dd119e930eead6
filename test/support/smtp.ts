/** A real SMTP server on a socket of its own, which keeps what it is sent. */
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  /** Who the envelope names, which decides where a mail goes. */
  readonly to: readonly string[]
  /** Head and body as they came. */
  readonly source: string
}

export interface TestSmtpServer {
  readonly url: string
  readonly received: readonly ReceivedMail[]
  /** Answers every mail with a temporary failure while it is `true`. */
  failing: boolean
  readonly close: () => Promise<void>
}

export async function startSmtpServer(): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        if (scene.failing) return done(new Error('try again later'))
        const to = session.envelope.rcptTo.map(({ address }) => address)
        received.push({ to, source: Buffer.concat(parts).toString('utf8') })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  const scene: TestSmtpServer = {
    url: `smtp://127.0.0.1:${port}`,
    received,
    failing: false,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return scene
}
