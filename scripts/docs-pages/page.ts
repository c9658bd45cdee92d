/** A page of /docs, and what frames it. */
import { html, type Markup } from './html.ts'

/** Something that the search finds. */
export interface SearchEntry {
  readonly kind: 'operation' | 'parameter' | 'policy action' | 'timeline step' | 'outcome' | 'refusal' | 'event'
  readonly title: string
  /** What it is about, in a few words. */
  readonly text: string
  /** The id of its element on the page. */
  readonly id: string
}

/** A heading of a page, to which the menu leads. */
interface Heading {
  readonly id: string
  readonly label: Markup
}

export interface Page {
  /** Below `/docs/`, with a slash at the end; empty: the first page. */
  readonly path: string
  readonly title: string
  /** One sentence for the list of pages. */
  readonly about: string
  readonly content: Markup
  readonly headings: readonly Heading[]
  readonly entries: readonly SearchEntry[]
}

/** Pages under one heading of the menu. */
export interface Chapter {
  readonly name: string
  readonly pages: readonly Page[]
}

/** Puts the page into the built template, whose head names the style and the script.
 *  Throws if the template has no place for it. */
export function renderPage(template: string, page: Page, chapters: readonly Chapter[]): string {
  const body = html`<body class="docs">
    <a class="skip" href="#content">Skip to the content</a>
    <header class="docs-top">
      ${BRAND}
      <form class="docs-search" role="search" hidden>
        <input
          class="input"
          type="search"
          aria-label="Search the documentation"
          placeholder="Search (press /)"
          autocomplete="off"
          spellcheck="false"
        />
        <div class="docs-results" hidden>
          <p class="docs-found" role="status"></p>
          <ul></ul>
        </div>
      </form>
      <a class="docs-console" href="/console/">Console</a>
      <a class="docs-menu-link" href="#menu">Menu</a>
    </header>
    <aside class="docs-side" id="menu">
      <div class="docs-side-head">${BRAND}<a class="docs-menu-link" href="#content">Close the menu</a></div>
      <nav aria-label="Documentation">${chapters.map((chapter) => renderChapter(chapter, page))}</nav>
    </aside>
    <main class="docs-main" id="content" tabindex="-1">${page.content}</main>
  </body>`
  const [head, rest] = template.split('<body></body>')
  if (head === undefined || rest === undefined) throw new Error('the template of /docs has no empty body')
  const title = html`<title>${page.path === '' ? 'Nod: documentation' : `${page.title} · Nod`}</title>`
  return `${head.replace(/<title>.*<\/title>/, () => title.markup)}${body.markup}${rest}`
}

const BRAND = html`<a class="brand" href="/docs/"><img src="/assets/icon.svg" alt="" />Nod <small>docs</small></a>`

const renderChapter = ({ name, pages }: Chapter, current: Page): Markup =>
  html`<h2>${name}</h2>
    <ul>
      ${pages.map((page) => {
        const isCurrent = page.path === current.path
        return html`<li>
          <a href="/docs/${page.path}" ${isCurrent ? html` aria-current="page"` : ''}>${page.title}</a>
          ${isCurrent && page.headings.length > 0 ? renderHeadings(page) : ''}
        </li>`
      })}
    </ul>`

const renderHeadings = ({ headings }: Page): Markup =>
  html`<ul class="docs-headings">
    ${headings.map(({ id, label }) => html`<li><a href="#${id}">${label}</a></li>`)}
  </ul>`

/** The id of a name in addresses: `Service keys` is `service-keys`. */
export const slug = (name: string): string => name.toLowerCase().replaceAll(/[^a-z\d]+/g, '-')
