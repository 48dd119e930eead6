/**
 * The OpenAPI document as a page to read: made once by the server, without a script, so that it works
 * wherever the API does and brings nobody else's code along.
 */
import { html, raw } from 'hono/html'
import {
  exampleOf,
  type Field,
  fieldsOf,
  lastOf,
  type Shape,
  type Shapes,
  typeOf,
} from './shapes.ts'
import { style } from './style.ts'

type Html = ReturnType<typeof raw> | Promise<ReturnType<typeof raw>>

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly schema: Shape
  readonly example?: unknown
  readonly description?: string
}

type Content = Readonly<Record<string, { readonly schema: Shape }>>

interface Answer {
  readonly $ref?: string
  readonly description?: string
  readonly content?: Content
}

interface DescribedOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly security?: readonly unknown[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, Answer>>
}

/** As much of the document as the page tells. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>
  readonly components: {
    readonly schemas: Shapes
    readonly responses: Readonly<Record<string, Answer>>
  }
}

/** An operation and where it is. */
interface Placed {
  readonly method: string
  readonly path: string
  readonly operation: DescribedOperation
}

/** The whole page, as the text of an HTML document. */
export async function showReference(document: ApiDocument): Promise<string> {
  const { info, tags } = document
  const placed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Placed => {
      return { method: method.toUpperCase(), path, operation }
    }),
  )
  const groups = tags.map(({ name }) => {
    return [name, placed.filter(({ operation }) => operation.tags.includes(name))] as const
  })
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${info.title}</title>
<style>${raw(style)}</style>
</head>
<body>
<a class="skip" href="#operations">To the operations</a>
<nav aria-label="Operations">${groups.map(([name, some]) => showEntry(name, some))}</nav>
<main id="operations">
<h1>${info.title}</h1>
<p>${info.description}</p>
<p>All paths are below <code>${document.servers[0]?.url ?? ''}</code>. For generators of clients there
is <a href="/api/openapi.json">the same as an OpenAPI document</a>.</p>
${groups.map(([name, some]) => showGroup(name, some, document))}
</main>
</body>
</html>`
  return String(page)
}

function showEntry(name: string, placed: readonly Placed[]): Html {
  const entries = placed.map(({ operation: { operationId, summary } }) => {
    return html`<li><a href="#${operationId}">${summary}</a></li>`
  })
  return html`<p>${name}</p><ul>${entries}</ul>`
}

function showGroup(name: string, placed: readonly Placed[], document: ApiDocument): Html {
  const operations = placed.map((one) => showOperation(one, document))
  return html`<section aria-labelledby="of-${name}"><h2 id="of-${name}">${name}</h2>${operations}</section>`
}

function showOperation(placed: Placed, document: ApiDocument): Html {
  const { method, path, operation } = placed
  const { operationId, summary, description, parameters, requestBody } = operation
  return html`
<section aria-labelledby="${operationId}">
<h3 id="${operationId}">${summary}</h3>
<p class="route"><code><span class="method">${method}</span> ${path}</code></p>
${description === undefined ? '' : html`<p>${showProse(description)}</p>`}
<pre tabindex="0" aria-label="Example">${curlOf(placed, document)}</pre>
${parameters.length === 0 ? '' : showParameters(parameters, document.components.schemas)}
${requestBody === undefined ? '' : showContent('Body', requestBody.content, document)}
${showAnswers(operation, document)}
</section>`
}

/** A command that a person may paste, with the document's own examples. */
export function curlOf({ method, path, operation }: Placed, document: ApiDocument): string {
  const { parameters, requestBody, security } = operation
  const parts = new Map(parameters.map(({ name, example }) => [name, example]))
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(parts.get(name) ?? name))
  const query = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map(({ name, schema }) => {
      const value = exampleOf(schema, document.components.schemas)
      return `${name}=${encodeURIComponent(String(value))}`
    })
  const url = `${document.servers[0]?.url ?? ''}${target}${query.length > 0 ? '?' : ''}${query.join('&')}`
  const headers = parameters.filter((one) => one.in === 'header' && one.required)
  const [first] = Object.entries(requestBody?.content ?? {})
  const [type, shape] = first ?? []
  const body = shape && exampleOf(shape.schema, document.components.schemas)
  return [
    method === 'GET' ? 'curl' : `curl -X ${method}`,
    ...(security === undefined ? ['-H "Authorization: Bearer $KEY"'] : []),
    ...headers.map(({ name }) => `-H '${name}: *'`),
    ...(type === undefined ? [] : [`-H 'Content-Type: ${type}'`]),
    ...(body === undefined ? [] : [`-d '${quoted(body)}'`]),
    `'${url}'`,
  ].join(' \\\n  ')
}

/** Within the single quotes of a shell. */
function quoted(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return text.replaceAll("'", "'\\''")
}

function showParameters(parameters: readonly Parameter[], shapes: Shapes): Html {
  const rows = parameters.map(({ name, in: place, required, schema, ...rest }) => {
    const description = rest.description ?? schema.description ?? ''
    return { name, type: `${typeOf(schema, shapes)}, in the ${place}`, required, description }
  })
  return showFields('Parameters', rows)
}

function showFields(title: string, fields: readonly Field[]): Html {
  const told = fields.some(({ description }) => description !== '')
  const rows = fields.map(({ name, type, required, description }) => {
    const what = `${type}${required ? '' : ', optional'}`
    const meaning = told ? html`<td>${showProse(description)}</td>` : ''
    return html`<tr><td><code>${name}</code></td><td>${what}</td>${meaning}</tr>`
  })
  const meaning = told ? html`<th scope="col">Meaning</th>` : ''
  return html`<h4>${title}</h4><div class="scroll"><table class="fields">
<thead><tr><th scope="col">Name</th><th scope="col">Value</th>${meaning}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}

/** The document is written in Markdown, of which we use no more than `code`. */
function showProse(text: string): readonly (Html | string)[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))
}

function showContent(title: string, content: Content, { components }: ApiDocument): Html[] {
  const shapes = components.schemas
  return Object.entries(content).map(([type, { schema }]) => {
    const named = `${title}, ${type}`
    const fields = fieldsOf(schema, shapes)
    if (fields.length > 0) return showFields(named, fields)
    return html`<h4>${named}</h4><p>${typeOf(schema, shapes)}</p>`
  })
}

function showAnswers({ responses }: DescribedOperation, document: ApiDocument): Html {
  const answers = Object.entries(responses).map(([status, answer]) => {
    const { $ref } = answer
    const found = $ref === undefined ? answer : document.components.responses[lastOf($ref)]
    return { status, good: Number(status) < 300, ...found }
  })
  const good = answers.flatMap(({ status, good, content }) =>
    good && content !== undefined ? showContent(`Answer ${status}`, content, document) : [],
  )
  const rows = answers.map(({ status, description = '' }) => {
    return html`<tr><td><code>${status}</code></td><td>${showProse(description)}</td></tr>`
  })
  return html`${good}<h4>Statuses</h4><div class="scroll"><table>
<thead><tr><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}
