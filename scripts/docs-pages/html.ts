/** Text that is markup already. All other text is escaped when it is inserted into markup. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | string | number | undefined | readonly Part[]

/** Builds markup and escapes every inserted text: `` html`<p>${text}</p>` ``. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  // Removes the indentation of the source; inserted parts keep theirs.
  markup: String.raw({ raw: texts.map((text) => text.replaceAll(/\n\s*/g, '\n')) }, ...parts.map(render)),
})

function render(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'markup' in part ? part.markup : part.map(render).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

/** A block of code, which the page's script lets a reader copy.
 *  @param label what it is, for those who do not see the heading before it */
export const codeBlock = (label: string, text: string, className = ''): Markup =>
  html`<div class="docs-block ${className}">
    <pre class="code-block" tabindex="0" aria-label="${label}"><code>${text}</code></pre>
  </div>`

/** Renders paragraphs, which empty lines separate. */
export const prose = (text: string): readonly Markup[] =>
  text.split(/\n{2,}/).map((paragraph) => html`<p>${inline(paragraph)}</p>`)

/** Renders text between backticks as code. */
export const inline = (text: string): readonly Markup[] =>
  text.split('`').map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
