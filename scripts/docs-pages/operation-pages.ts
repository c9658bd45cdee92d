/** A page for each group of operations. */
import type { Operation } from '../../src/http/openapi/operation-types.ts'
import type { Description } from '../client-types/description.ts'
import { curl } from './curl.ts'
import { codeBlock, html, type Markup, prose } from './html.ts'
import { type Page, type SearchEntry, slug } from './page.ts'
import { answerTables, requestFields, table } from './tables.ts'

interface Call {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** @param samples the JSON that each route answers, by route */
export function operationPages(description: Description, samples: ReadonlyMap<string, string>): readonly Page[] {
  const calls = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  return description.tags.map(({ name, description: about }) => {
    const own = calls.filter(({ operation }) => operation.tags.includes(name))
    return {
      path: `api/${slug(name)}/`,
      title: name,
      about,
      headings: own.map((call) => ({ id: call.operation.operationId, label: routeLabel(call) })),
      entries: own.flatMap((call) => entriesOf(call, description)),
      content: html`<header>
          <h1>${name}</h1>
          ${prose(about)}
        </header>
        ${own.map((call) => article(call, description, samples.get(`${call.method} ${call.path}`)))}`,
    }
  })
}

function article({ method, path, operation }: Call, { components }: Description, sample: string | undefined): Markup {
  const { operationId, summary, description, responses } = operation
  const refusals = Object.entries(responses).flatMap(([status, { $ref }]) => ($ref === undefined ? [] : [status]))
  const { tables, empty } = answerTables(operation)
  return html`<article class="card" id="${operationId}">
    <h2>
      <a href="#${operationId}">${badge(method)} <code>${breakable(path)}</code></a>
    </h2>
    <p class="docs-summary">${summary}.</p>
    ${prose(description)} ${requestFields(operation, components).map(({ caption, fields }) => table(caption, fields))}
    <h3>Call</h3>
    ${codeBlock(`Call of ${method} ${path}`, curl(method, path, operation))}
    <h3>Answer</h3>
    ${empty} ${sample === undefined ? '' : codeBlock(`Sample answer of ${method} ${path}`, sample, 'docs-answer')}
    ${
      tables.markup.includes('<table')
        ? html`<details>
            <summary>What each field of the answer is</summary>
            ${tables}
          </details>`
        : tables
    }
    <p class="docs-quiet">
      Refuses: ${refusals.map((status) => html`<a href="/docs/refusals/#status-${status}">${status}</a> `)}
    </p>
  </article>`
}

/** The operation and its parameters, each under its name. */
function entriesOf(call: Call, { components }: Description): readonly SearchEntry[] {
  const { method, path, operation } = call
  const route = `${method} ${path}`
  const fields = requestFields(operation, components).flatMap((group) => group.fields)
  return [
    { kind: 'operation', title: route, text: operation.summary, id: operation.operationId },
    ...fields.map(({ name, shape, id = '' }) => ({
      kind: 'parameter' as const,
      title: name,
      text: `${route}: ${shape.description ?? ''}`,
      id,
    })),
  ]
}

const badge = (method: string): Markup => html`<b class="method method-${method.toLowerCase()}">${method}</b>`

/** A path that can wrap after each segment. */
const breakable = (path: string): readonly Markup[] =>
  path.split('/').map((part, index) => (index === 0 ? html`${part}` : html`/<wbr />${part}`))

export const routeLabel = ({ method, path }: Pick<Call, 'method' | 'path'>): Markup =>
  html`${badge(method)} <span>${breakable(path)}</span>`
