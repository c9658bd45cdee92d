import type { Random } from '../../vocabulary.ts'

/** Crockford's base32, without I, L, O and U: no letter can be mistaken for another one when a code is read out. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 16
const SHAPE = new RegExp(`^[${LETTERS}]{${LENGTH}}$`)

/** A new code: 16 letters of 5 random bits each, 80 bits. */
export const drawBypassCode = (random: Random): string =>
  Array.from(random(LENGTH), (byte) => LETTERS.charAt(byte & 31)).join('')

/** Formats a code for people: `7K2M-9QXA-C4TN-0PWE`. */
export const formatBypassCode = (code: string): string => code.replaceAll(/(?<=^(?:.{4})+)(?=.)/g, '-')

/** Parses a typed code: any case, spaces and dashes anywhere, `O` for 0, `I` or `L` for 1. Undefined if the text has not the shape of a
 *  code. */
export function parseBypassCode(text: string): string | undefined {
  const letters = text
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  return SHAPE.test(letters) ? letters : undefined
}
