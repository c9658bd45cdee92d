/** What the pages of /docs do beyond being read. They are complete without it. */
import '../styles/base.css'
import '../styles/docs.css'
import { applyTheme } from '../theme.ts'
import { followReader } from './follow.ts'
import { enableSearch } from './search.ts'

applyTheme()

for (const block of document.querySelectorAll<HTMLElement>('.docs-block')) addCopyButton(block)
for (const code of document.querySelectorAll('.docs-origin code')) code.textContent = `NOD=${location.origin}`
followReader()
enableSearch()

/** Puts a button into the block that copies its text. */
function addCopyButton(block: HTMLElement): void {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button button-small docs-copy'
  button.textContent = 'Copy'
  const say = (text: string): void => {
    button.textContent = text
    setTimeout(() => (button.textContent = 'Copy'), 2000)
  }
  button.addEventListener('click', () => {
    // Without https there is no clipboard.
    const clipboard = navigator.clipboard as Clipboard | undefined
    const written = clipboard?.writeText(block.querySelector('code')?.textContent ?? '') ?? Promise.reject(new Error())
    written.then(
      () => say('Copied'),
      () => say('Select it'),
    )
  })
  block.append(button)
}
