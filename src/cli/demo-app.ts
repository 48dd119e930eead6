/**
 * A small document service, the sample application behind the gateway. It holds no access rules and
 * no sign-in of its own: it believes the `Remote-User` that Gatehouse sets, and listens on loopback
 * only, so that nobody else can set it.
 */
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { createAdaptorServer } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'

interface Document {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly author: string
  readonly changedBy: string
}

interface Shelves {
  readonly documents: Map<string, Document>
  readonly archive: Map<string, Document>
}

export interface DemoApp {
  readonly port: number
  readonly origin: string
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'
const DEFAULT_PORT = 8090
const BODY_BYTES = 65_536
/** Archived ones included; memory is all there is. */
const DOCUMENTS = 1_000

const HELP = `The sample document service that Gatehouse protects in the demonstration.

Usage: node src/cli/demo-app.ts [--port <port>] [--help]

  --port <port>  Port on ${HOST}; 0 takes a free one. Default ${DEFAULT_PORT}.
  --help         Print this text.

  GET    /health          whether the service is up
  GET    /documents       every document's id, title and author
  POST   /documents       make one: {"title": "...", "text": "..."}
  GET    /documents/:id   read one
  PUT    /documents/:id   replace its title and text
  DELETE /documents/:id   move it to the archive
  GET    /archive/:id     read an archived one
  DELETE /archive/:id     delete it for good

Answers name who asks, as Gatehouse says in Remote-User. Documents are kept in memory.
`

/** Makes the service with its seed documents; no socket is needed to try it. */
export function createDemoApp(): Hono {
  const app = new Hono()
  const shelves = { documents: seed(), archive: new Map<string, Document>() }
  app.use(bodyLimit({ maxSize: BODY_BYTES, onError: (c) => refuse(c, 413, 'That is too long.') }))
  app.notFound((c) => refuse(c, 404, 'There is no such document or page.'))
  app.onError((_error, c) => refuse(c, 500, 'Something went wrong.'))
  app.get('/health', (c) => c.json({ status: 'ok' }))
  addReads(app, shelves)
  addWrites(app, shelves)
  addDeletes(app, shelves)
  return app
}

function addReads(app: Hono, { documents, archive }: Shelves): void {
  app.get('/documents', (c) => {
    const list = [...documents.values()].map(({ id, title, author }) => ({ id, title, author }))
    return c.json({ documents: list, readBy: userOf(c) })
  })
  const read = (shelf: ReadonlyMap<string, Document>) => (c: Context) => {
    const document = shelf.get(c.req.param('id') ?? '')
    return document ? c.json({ ...document, readBy: userOf(c) }) : c.notFound()
  }
  app.get('/documents/:id', read(documents))
  app.get('/archive/:id', read(archive))
}

function addWrites(app: Hono, { documents, archive }: Shelves): void {
  let last = documents.size
  app.post('/documents', async (c) => {
    const draft = await draftOf(c)
    if (draft === undefined) return refuseDraft(c)
    if (documents.size + archive.size >= DOCUMENTS) return refuse(c, 507, 'The shelf is full.')
    last += 1
    const user = userOf(c)
    const document = { id: `${last}`, ...draft, author: user, changedBy: user }
    documents.set(document.id, document)
    return c.json(document, 201, { Location: `/documents/${document.id}` })
  })
  app.put('/documents/:id', async (c) => {
    const draft = await draftOf(c)
    if (draft === undefined) return refuseDraft(c)
    const before = documents.get(c.req.param('id'))
    if (before === undefined) return c.notFound()
    const document = { ...before, ...draft, changedBy: userOf(c) }
    documents.set(document.id, document)
    return c.json(document)
  })
}

function addDeletes(app: Hono, { documents, archive }: Shelves): void {
  app.delete('/documents/:id', (c) => {
    const document = documents.get(c.req.param('id'))
    if (document === undefined) return c.notFound()
    documents.delete(document.id)
    archive.set(document.id, { ...document, changedBy: userOf(c) })
    return c.body(null, 204)
  })
  app.delete('/archive/:id', (c) => {
    return archive.delete(c.req.param('id')) ? c.body(null, 204) : c.notFound()
  })
}

/** Starts the service on loopback; port 0 takes a free one. Rejects when the port is taken. */
export async function startDemoApp({ port }: { readonly port: number }): Promise<DemoApp> {
  const server = createAdaptorServer({ fetch: createDemoApp().fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  return { port: bound, origin: `http://${HOST}:${bound}`, close }
}

function seed(): Map<string, Document> {
  const titles = ['Welcome', 'Holiday plan', 'Price list']
  const documents = titles.map((title, at) => {
    const id = `${at + 1}`
    return { id, title, text: `${title}: a sample.`, author: 'sample', changedBy: 'sample' }
  })
  return new Map(documents.map((document) => [document.id, document]))
}

/** The subject that Gatehouse vouches for. */
function userOf(c: Context): string {
  return c.req.header('Remote-User') || 'anonymous'
}

async function draftOf(c: Context): Promise<Pick<Document, 'title' | 'text'> | undefined> {
  const input: unknown = await c.req.json().catch(() => undefined)
  if (typeof input !== 'object' || input === null) return undefined
  const { title, text } = { title: undefined, text: '', ...input }
  if (typeof title !== 'string' || title === '' || typeof text !== 'string') return undefined
  return { title, text }
}

function refuseDraft(c: Context): Response {
  return refuse(c, 400, 'Send JSON with a "title" and a "text".')
}

function refuse(c: Context, status: 400 | 404 | 413 | 500 | 507, detail: string): Response {
  return c.json({ error: detail }, status)
}

/** Reads the command line; a sentence where it is wrong. */
function readArguments(args: readonly string[]): { help: boolean; port: number } | string {
  try {
    const options = { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
    const { values } = parseArgs({ args: [...args], options })
    const { port = String(DEFAULT_PORT), help = false } = values
    const valid = /^\d{1,5}$/.test(port) && Number(port) <= 65_535
    return valid ? { help, port: Number(port) } : `--port is "${port}": use 0 to 65535.`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function main(args: readonly string[]): Promise<void> {
  const read = readArguments(args)
  if (typeof read === 'string') {
    process.stderr.write(`${read}\nTry: node src/cli/demo-app.ts --help\n`)
    process.exitCode = 2
    return
  }
  if (read.help) {
    process.stdout.write(HELP)
    return
  }
  try {
    const { origin } = await startDemoApp(read)
    process.stdout.write(`The sample service listens on ${origin}\n`)
  } catch (error) {
    process.stderr.write(`Port ${read.port} cannot be used: ${String(error)}\n`)
    process.exitCode = 1
  }
}

if (import.meta.main) await main(process.argv.slice(2))
