/** Which passwords an administrator may choose: long ones that are not among the first an attacker tries (NIST SP 800-63B-4, 3.1.1). */
import { isCommon, isCommonPiece } from './common.ts'

/** Characters a new password has at least. */
export const SHORTEST_PASSWORD = 15
/** The longest piece, in characters, whose repetition is refused as a password. */
const LONGEST_REPEATED = 8
/** How many characters a password needs beside the login, if it contains the login. */
const LEAST_BESIDE_LOGIN = 8

/** Answers why this password may not be chosen for this login; undefined if it may. Never quotes the password. */
export function passwordFault(password: string, login: string): string | undefined {
  const length = Array.from(password).length
  if (length < SHORTEST_PASSWORD)
    return `${length} characters, expected at least ${SHORTEST_PASSWORD}: a sentence is easy to remember`
  const text = password.normalize('NFKC').toLowerCase()
  if (isMadeOfCommon(text)) return 'one of the commonest passwords, or made of two of them'
  if (isRepeated(text)) return 'a short piece, repeated'
  const name = login.toLowerCase()
  if (name !== '' && text.includes(name) && text.replaceAll(name, '').length < LEAST_BESIDE_LOGIN)
    return 'little more than the login'
  return undefined
}

/** Whether a PIN is one of the first that an attacker tries. */
export function isCommonPin(pin: string): boolean {
  const text = pin.normalize('NFKC').toLowerCase()
  return isCommon(text) || isCommonPiece(text) || isRepeated(text, Math.floor(text.length / 2))
}

/** Whether the text is a common password, or two of them, one after the other. */
const isMadeOfCommon = (text: string): boolean =>
  isCommon(text) ||
  Array.from(text, (_, at) => at).some((at) => isCommonPiece(text.slice(0, at)) && isCommonPiece(text.slice(at)))

const isRepeated = (text: string, longest = LONGEST_REPEATED): boolean =>
  Array.from({ length: longest }, (_, index) => index + 1).some((period) =>
    text.slice(period).startsWith(text.slice(0, -period)),
  )
