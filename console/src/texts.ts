import { signal } from '@preact/signals'

export type Language = 'en' | 'de'

const KEPT = 'nod.language'

/** The language of the pages: as chosen here before, else the browser's. */
export const language = signal<Language>(chosen() ?? (navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en'))

function chosen(): Language | undefined {
  const kept = localStorage.getItem(KEPT)
  return kept === 'en' || kept === 'de' ? kept : undefined
}

/** Shows the pages in this language, here and at the next visit. */
export function speak(chosenLanguage: Language): void {
  language.value = chosenLanguage
  localStorage.setItem(KEPT, chosenLanguage)
  document.documentElement.lang = chosenLanguage
}
document.documentElement.lang = language.value

interface Texts {
  readonly [name: string]:
    | string
    | readonly string[]
    | readonly (readonly string[])[]
    | ((...of: never[]) => string)
    | Texts
}

/** The texts of one part of the pages. Both languages have the same ones, which the compiler checks. The function returns those of the
 *  language that is shown, and a component that calls it is rendered again when that changes. */
export const texts =
  <T extends Texts>(both: { readonly en: T; readonly de: NoInfer<T> }): (() => T) =>
  () =>
    both[language.value]
