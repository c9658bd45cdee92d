import { signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'

const KEPT = 'nod.theme'

export const theme = signal<Theme>(chosen())

function chosen(): Theme {
  const kept = localStorage.getItem(KEPT)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

/** Shows the pages light, dark or as the system does, here and at the next visit. */
export function setTheme(chosenTheme: Theme): void {
  theme.value = chosenTheme
  localStorage.setItem(KEPT, chosenTheme)
  applyTheme()
}

/** Shows this page in the chosen theme. */
export function applyTheme(): void {
  const { dataset } = document.documentElement
  if (theme.value === 'system') delete dataset['theme']
  else dataset['theme'] = theme.value
}
applyTheme()
