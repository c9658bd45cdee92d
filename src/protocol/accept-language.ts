import { LANGUAGES, type Language } from '../vocabulary.ts'

/** Browsers send a handful. */
const MOST = 20
const ENTRY = /^\s*([a-z]{1,8}|\*)(?:-[a-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$/i

/** The language a request asks for by `Accept-Language`: of those there are, the one with the highest quality, then the one named
 *  first; English if it names none of them. Regions make no difference. Source: RFC 9110, 12.5.4. */
export function preferredLanguage(header = ''): Language {
  const ranges = header.split(',', MOST).flatMap((entry) => {
    const [, range, quality = '1'] = ENTRY.exec(entry) ?? []
    return range === undefined ? [] : [{ range: range.toLowerCase(), quality: Number(quality) }]
  })
  const wanted = ranges.filter(({ quality }) => quality > 0).toSorted((one, other) => other.quality - one.quality)
  const others = LANGUAGES.filter((language) => !ranges.some(({ range }) => range === language))
  const [best = 'en'] = wanted.flatMap(({ range }) =>
    range === '*' ? others : LANGUAGES.filter((language) => language === range),
  )
  return best
}
