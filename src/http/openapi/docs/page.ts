import type { OpenApi, Operation } from '../document.ts'
import { curl } from './curl.ts'
import { responseTables, requestTables } from './tables.ts'
import type { Markup } from './html.ts'
import { html, prose } from './html.ts'

/** The API's description as a page, in this style: it loads nothing, and needs no script. */
export function docsPage(document: OpenApi, style: string): string {
  const { info, tags, components } = document
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, said]) => ({ path, method: method.toUpperCase(), said })),
  )
  const sections = tags.map(({ name, description }) => ({
    name,
    description,
    id: name.replaceAll(' ', '-').toLowerCase(),
    listed: operations.filter(({ said }) => said.tags.includes(name)),
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
            ({ name, id, listed }) =>
              html`<h2><a href="#${id}">${name}</a></h2>
                <ul>
                  ${listed.map(
                    ({ path, method, said }) =>
                      html`<li>
                        <a href="#${said.operationId}">${badge(method)} <span>${breakable(path)}</span></a>
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
            ({ name, id, description, listed }) =>
              html`<section id="${id}">
                <h2>${name}</h2>
                ${prose(description ?? '')}
                ${listed.map(({ path, method, said }) => article(path, method, said, components))}
              </section>`,
          )}
          <section id="refusals">
            <h2>Refusals</h2>
            <p>What <code>result.error</code> says, by status; the number in brackets is its <code>code</code>.</p>
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

const article = (path: string, method: string, said: Operation, components: OpenApi['components']): Markup =>
  html`<article id="${said.operationId}">
    <h3>
      <a href="#${said.operationId}">${badge(method)} <code>${breakable(path)}</code></a>
    </h3>
    <p class="summary">${said.summary}.</p>
    ${prose(said.description)} ${requestTables(said, components)} ${responseTables(said)}
    <pre tabindex="0" aria-label="Example"><code>${curl(method, path, said)}</code></pre>
  </article>`

const badge = (method: string): Markup => html`<b class="${method.toLowerCase()}">${method}</b>`

/** A path that may go on in the next line after each of its parts. */
const breakable = (path: string): readonly Markup[] =>
  path.split('/').map((part, index) => (index === 0 ? html`${part}` : html`/<wbr />${part}`))
