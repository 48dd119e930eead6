/** Clients that send without a pause, each on one connection that it keeps. */
import { Agent, type IncomingMessage, request } from 'node:http'
import type { Scene } from './scene.ts'

export interface Load {
  readonly sent: () => number
  /** Answers that came whole and as they should be. */
  readonly answered: () => number
  /** What became of all others. */
  readonly lost: () => readonly string[]
  /** Resolves when every client was told by an answer that its connection ends. */
  readonly ended: Promise<unknown>
}

/**
 * Each client sends the next request as soon as it has the answer to the last one. Like a balancer,
 * it takes its requests elsewhere when an answer carries `Connection: close`.
 */
export function startLoad(scene: Scene, clients: number, path: string, body: string): Load {
  const lost: string[] = []
  let sent = 0
  let answered = 0
  const run = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let open = true; open; ) {
      sent += 1
      try {
        const { status, text, closes } = await askWith(agent, scene, path)
        if (status === 200 && text === body) answered += 1
        else lost.push(`${status} ${text}`)
        open = !closes
      } catch (error) {
        lost.push(String(error))
        open = false
      }
    }
    agent.destroy()
  }
  const ended = Promise.all(Array.from({ length: clients }, run))
  return { sent: () => sent, answered: () => answered, lost: () => lost, ended }
}

async function askWith(agent: Agent, { port, headers }: Scene, path: string) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const to = { host: '127.0.0.1', port, path, headers, agent }
    request(to, resolve).on('error', reject).end()
  })
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return { status: answer.statusCode, text, closes: answer.headers.connection === 'close' }
}
