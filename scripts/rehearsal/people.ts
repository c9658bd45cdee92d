/** Who takes part in the rehearsal: users of two realms, with phones in every state. */
import type { Phone } from '../../test/simulation/phone.ts'

export const REALMS = ['north', 'south'] as const
export type Realm = (typeof REALMS)[number]

/** `polled`: the phone asks for its prompts. `pushed`: it hears of them by FCM only. `presence`: the user taps the number that the login page
 *  shows. `two`: two phones. `totp`: a phone, and one-time passwords. `waiting`: the QR code was scanned, and the phone registers during the
 *  move. `disabled`, `locked`: the token is. `none`: no token. */
export type Kind = 'polled' | 'pushed' | 'presence' | 'two' | 'totp' | 'waiting' | 'disabled' | 'locked' | 'none'

/** A token on a phone. */
export interface Held {
  readonly phone: Phone
  readonly serial: string
  /** Whether it has logged its user in since the last check of all phones: at Nod, at the old server. */
  here: boolean
  there: boolean
}

export interface User {
  readonly login: string
  readonly realm: Realm
  readonly kind: Kind
  readonly pin: string
  /** Of the TOTP, in hexadecimal. */
  readonly seed: string
  readonly held: Held[]
  lastStep: number
  /** Logins that were begun, and that have ended. */
  begun: number
  ended: number
}

/** Twenty phones. */
const PATTERN: readonly Kind[] = [
  ...(['polled', 'pushed', 'two', 'presence', 'totp', 'disabled', 'locked', 'waiting', 'pushed', 'polled'] as const),
  ...(['polled', 'pushed', 'polled', 'presence', 'polled', 'totp', 'polled', 'pushed', 'polled'] as const),
]

export const phonesOf = (kind: Kind): number => (kind === 'two' ? 2 : kind === 'none' ? 0 : 1)

/** Users who have so many phones together, and one without a phone for each twenty. `isPlain`: the old server has no numbers to tap, and
 *  cannot be asked for one-time passwords without ringing. */
export function planUsers(phones: number, isPlain = false): readonly User[] {
  const users: User[] = []
  const add = (kind: Kind): void => {
    const at = users.length
    // A kind that always stands at the same place of the pattern comes to both realms.
    const realm = REALMS[(at + Math.floor(at / (PATTERN.length + 1))) % REALMS.length] ?? 'north'
    const seed = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('hex')
    const login = `user${String(at).padStart(3, '0')}`
    users.push({ login, realm, kind, pin: String(1000 + at), seed, held: [], lastStep: 0, begun: 0, ended: 0 })
  }
  let left = phones
  while (left > 0) {
    for (const kind of PATTERN) {
      if (left === 0) break
      const isLeftOut = isPlain && (kind === 'totp' || kind === 'presence')
      const fits = isLeftOut || phonesOf(kind) > left ? 'polled' : kind
      add(fits)
      left -= phonesOf(fits)
    }
    add('none')
  }
  return users
}

/** Whether the user logs in by phone. */
export const isUsable = ({ kind, held }: User): boolean =>
  !['disabled', 'locked', 'none'].includes(kind) && held.length > 0
