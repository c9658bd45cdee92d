/** Which stretches of the indexes a search for tokens looks through. */
import { SEARCH_FIELDS, type SearchField, type SearchRange, type TextRange } from '../../vocabulary/tokens.ts'

/** Sorts after every text with the same beginning. */
const LAST = '\u{10FFFF}'
/** So many letters beyond A to Z are looked for in both cases by stretches of their own, twice as many for each; the others are compared. */
const LETTERS = 3

/** SQLite's lower(), which the indexes are made with. */
const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

/** The ways a character is written as the indexes have it: in lower and upper case, if each is one character. */
function casesOf(letter: string): readonly string[] {
  const cases = [letter.toLowerCase(), letter.toUpperCase(), letter].filter((one) => Array.from(one).length === 1)
  return [...new Set(cases.map(lower))]
}

/** The ranges of texts that begin so, in any case; one of all texts for an empty one. No text is in two of them. */
export function textRanges(beginning: string): readonly TextRange[] {
  const letters = Array.from(lower(beginning), casesOf)
  let doubled = 0
  const tail = letters.findIndex((cases) => cases.length > 1 && ++doubled > LETTERS)
  const head = tail < 0 ? letters : letters.slice(0, tail)
  const beginnings = head.reduce<readonly string[]>(
    (texts, cases) => texts.flatMap((text) => cases.map((one) => text + one)),
    [''],
  )
  const rest = letters.slice(head.length).map((cases) => cases.join(''))
  return beginnings.map((from) => ({
    from,
    below: `${from}${LAST}`,
    ...(rest.length === 0 ? {} : { tail: { at: head.length + 1, letters: rest } }),
  }))
}

/**
 * The ranges in the order in which their tokens are listed: of an empty beginning in the order of `by` (the user by default), else
 * whoever is found by `by` alone, or by user, then by serial, then by description. Within a field realm after realm, if `realms` names
 * some. Without realms, tokens of nobody come last where all are listed by user.
 */
export function searchRanges(
  beginning: string,
  by: SearchField | undefined,
  realms: readonly string[] | undefined,
): readonly SearchRange[] {
  const fields = by !== undefined ? [by] : beginning === '' ? (['user'] as const) : SEARCH_FIELDS
  const texts = textRanges(beginning)
  const ranges = fields.flatMap((field, index) =>
    (realms ?? [undefined]).flatMap((realm) =>
      texts.map((text, number) => ({
        id: `${field} ${number} ${realm ?? ''}`,
        field,
        ...(realm === undefined ? {} : { realm }),
        except: fields.slice(0, index),
        ...text,
      })),
    ),
  )
  const unowned = { id: 'nobody', field: 'user' as const, except: [] }
  return beginning === '' && fields.includes('user') && realms === undefined ? [...ranges, unowned] : ranges
}
