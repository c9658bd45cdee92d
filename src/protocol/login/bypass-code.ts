import type { Random } from '../../vocabulary.ts'

/** The letters of Crockford's base32: without I, L, O and U, which can be taken for others. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 16
const SHAPE = new RegExp(`^[${LETTERS}]{${LENGTH}}$`)

/** Draws a code: 16 letters of 5 random bits, 80 bits in all. */
export const drawBypassCode = (random: Random): string =>
  Array.from(random(LENGTH), (byte) => LETTERS.charAt(byte & 31)).join('')

/** Formats a code for people: `7K2M-9QXA-C4TN-0PWE`. */
export const formatBypassCode = (code: string): string => code.replaceAll(/(?<=^(?:.{4})+)(?=.)/g, '-')

/** Parses a code as people type it: in any case, with spaces and dashes anywhere, with `O` for 0 and `I` or `L` for 1.
 *  Undefined if the text cannot be a code. */
export function parseBypassCode(text: string): string | undefined {
  const letters = text
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  return SHAPE.test(letters) ? letters : undefined
}
