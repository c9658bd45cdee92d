/** The search of the documentation: a list below the field, in which the arrow keys move. `/` leads to the field. */
import { type Entry, find } from './find.ts'

const MOST = 40

export function enableSearch(): void {
  const form = document.querySelector<HTMLFormElement>('.docs-search')
  const field = form?.querySelector('input')
  const panel = form?.querySelector<HTMLElement>('.docs-results')
  const status = panel?.querySelector('p')
  const list = panel?.querySelector('ul')
  if (!form || !field || !panel || !status || !list) return
  form.hidden = false

  let loading: Promise<readonly Entry[]> | undefined
  const entries = (): Promise<readonly Entry[]> =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    }))

  const show = async (): Promise<void> => {
    const query = field.value
    panel.hidden = query.trim() === ''
    if (panel.hidden) return
    try {
      const all = await entries()
      // A later key has its own search.
      if (query !== field.value) return
      const found = find(all, query, MOST)
      status.textContent = wordsFor(found.length)
      list.replaceChildren(...found.map(itemOf))
    } catch {
      status.textContent = 'The search does not load. Try again.'
      list.replaceChildren()
    }
  }

  const links = (): readonly HTMLElement[] => [...list.querySelectorAll('a')]
  const close = (): void => {
    panel.hidden = true
    field.focus({ preventScroll: true })
  }
  const move = (by: number): void => {
    const all = links()
    const at = all.indexOf(document.activeElement as HTMLElement) + by
    ;(at < 0 ? field : all[Math.min(at, all.length - 1)])?.focus()
  }

  field.addEventListener('focus', () => void entries().catch(() => {}))
  field.addEventListener('input', () => void show())
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    links()[0]?.click()
  })
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close()
    else if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else return
    event.preventDefault()
  })
  // A result on the same page, or a click elsewhere.
  list.addEventListener('click', () => (panel.hidden = true))
  document.addEventListener('click', ({ target }) => {
    if (target instanceof Node && !form.contains(target)) panel.hidden = true
  })
  document.addEventListener('keydown', (event) => {
    const isTyping = document.activeElement instanceof HTMLInputElement
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    field.focus({ preventScroll: true })
  })
}

async function load(): Promise<readonly Entry[]> {
  const response = await fetch('/docs/search.json')
  return (await response.json()) as readonly Entry[]
}

const wordsFor = (count: number): string => {
  if (count === 0) return 'Nothing is called that, and nothing says it.'
  if (count === MOST) return `The best ${MOST}; another word finds fewer.`
  return count === 1 ? '1 result' : `${count} results`
}

function itemOf({ kind, title, text, href }: Entry): HTMLElement {
  const item = document.createElement('li')
  const link = document.createElement('a')
  link.href = href
  link.append(part('b', title), part('i', kind), part('span', text))
  item.append(link)
  return item
}

function part(name: string, text: string): HTMLElement {
  const element = document.createElement(name)
  element.textContent = text
  return element
}
