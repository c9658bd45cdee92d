import type { Random } from '../../vocabulary.ts'

/** Crockford's base32: none of I, L, O and U, so that whoever reads a code aloud cannot be misheard as a look-alike. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 16
const SHAPE = new RegExp(`^[${LETTERS}]{${LENGTH}}$`)

/** A new code: 16 letters of 5 random bits each, 80 bits. */
export const drawBypassCode = (random: Random): string =>
  Array.from(random(LENGTH), (byte) => LETTERS.charAt(byte & 31)).join('')

/** As it is told to people: `7K2M-9QXA-C4TN-0PWE`. */
export const formatBypassCode = (code: string): string => code.replaceAll(/(?<=^(?:.{4})+)(?=.)/g, '-')

/** The code that somebody typed, in whatever case, with spaces and dashes wherever, `O` for 0, `I` or `L` for 1; undefined
 *  for what has not the shape of one. */
export function parseBypassCode(text: string): string | undefined {
  const letters = text
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  return SHAPE.test(letters) ? letters : undefined
}
