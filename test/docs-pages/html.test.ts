import { expect, it } from 'vitest'
import { html, inline, prose } from '../../scripts/docs-pages/html.ts'

const written = (...parts: Parameters<typeof html>[1][]): string => html`${parts}`.markup

it('escapes text', () => {
  const hostile = `<script>alert("1")</script> & 'more'`
  const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;'
  expect(html`<p title="${hostile}">${hostile}</p>`.markup).toBe(`<p title="${escaped}">${escaped}</p>`)
  expect(written(prose(hostile))).toBe(`<p>${escaped}</p>`)
  expect(written(inline(`\`${hostile}\``))).toBe(`<code>${escaped}</code>`)
})

it('nests markup, joins lists, and renders undefined as nothing', () => {
  const list = [1, 2].map((number) => html`<li>${number}</li>`)
  expect(written('<', list, undefined)).toBe('&lt;<li>1</li><li>2</li>')
})

it('renders paragraphs, and text between backticks as code', () => {
  expect(written(prose('One `two`.\n\nThree.'))).toBe('<p>One <code>two</code>.</p><p>Three.</p>')
})
