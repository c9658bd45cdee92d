import type { OpenApi } from '../document.ts'
import type { Operation } from '../operation-types.ts'
import { curl } from './curl.ts'
import { responseTables, requestTables } from './tables.ts'
import { html, type Markup, prose } from './html.ts'

/** Renders the API's description as one page with this style, without scripts or anything else to load. */
export function docsPage(document: OpenApi, style: string): string {
  const { info, tags, components } = document
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const sections = tags.map(({ name, description }) => ({
    name,
    description,
    id: name.replaceAll(' ', '-').toLowerCase(),
    operations: operations.filter(({ operation }) => operation.tags.includes(name)),
  }))
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title}: the API</title>
        ${{ markup: `<style>${style}</style>` }}
      </head>
      <body>
        <nav aria-label="Operations">
          ${sections.map(
            ({ name, id, operations: listed }) =>
              html`<h2><a href="#${id}">${name}</a></h2>
                <ul>
                  ${listed.map(
                    ({ path, method, operation }) =>
                      html`<li>
                        <a href="#${operation.operationId}">${badge(method)} <span>${breakable(path)}</span></a>
                      </li>`,
                  )}
                </ul>`,
          )}
          <h2><a href="#refusals">Refusals</a></h2>
        </nav>
        <main>
          <h1>${info.title} <small>${info.version}</small></h1>
          ${prose(info.description)}
          <p>For programs: <a href="/openapi.json">openapi.json</a>, OpenAPI ${document.openapi}.</p>
          <p>
            In the commands below, <code>$NOD</code> is the address of this service, <code>$TOKEN</code> an API token or
            a service key.
          </p>
          ${sections.map(
            ({ name, id, description, operations: listed }) =>
              html`<section id="${id}">
                <h2>${name}</h2>
                ${prose(description ?? '')}
                ${listed.map(({ path, method, operation }) => article(path, method, operation, components))}
              </section>`,
          )}
          <section id="refusals">
            <h2>Refusals</h2>
            <p>
              The statuses of refusals; the number in brackets is the <code>code</code> in <code>result.error</code>.
            </p>
            <dl>
              ${Object.entries(components.responses).map(
                ([status, { description }]) =>
                  html`<dt id="refusal-${status}">${status}</dt>
                    <dd>${prose(description)}</dd>`,
              )}
            </dl>
          </section>
        </main>
      </body>
    </html> `
  return page.markup
}

const article = (path: string, method: string, operation: Operation, components: OpenApi['components']): Markup =>
  html`<article id="${operation.operationId}">
    <h3>
      <a href="#${operation.operationId}">${badge(method)} <code>${breakable(path)}</code></a>
    </h3>
    <p class="summary">${operation.summary}.</p>
    ${prose(operation.description)} ${requestTables(operation, components)} ${responseTables(operation)}
    <pre tabindex="0" aria-label="Example"><code>${curl(method, path, operation)}</code></pre>
  </article>`

const badge = (method: string): Markup => html`<b class="${method.toLowerCase()}">${method}</b>`

/** A path that can wrap after each segment. */
const breakable = (path: string): readonly Markup[] =>
  path.split('/').map((part, index) => (index === 0 ? html`${part}` : html`/<wbr />${part}`))
