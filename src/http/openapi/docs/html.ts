/** Text that is markup already; everything else is escaped where it is put into markup. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | string | number | undefined | readonly Part[]

/** Markup whose parts cannot be taken for markup unless they are: `` html`<p>${whatever}</p>` ``. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  // Markup is indented for whoever reads the source; what is put into it stays as it is.
  markup: String.raw({ raw: texts.map((text) => text.replaceAll(/\n\s*/g, '\n')) }, ...parts.map(written)),
})

function written(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'markup' in part ? part.markup : part.map(written).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

/** Paragraphs, parted by empty lines. */
export const prose = (text: string): readonly Markup[] =>
  text.split(/\n{2,}/).map((paragraph) => html`<p>${inline(paragraph)}</p>`)

/** What stands between backticks is code. */
export const inline = (text: string): readonly Markup[] =>
  text.split('`').map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
