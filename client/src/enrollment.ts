import { call, type DetailOf, exchange, type ParametersOf, type ValueOf } from './call.ts'
import type { CallOptions, Nod } from './connection.ts'
import type { WaitOptions } from './login.ts'
import { done, failed, mapped, type Outcome } from './outcome.ts'
import { sleep } from './sleep.ts'

/** A token as Nod lists it. */
export type Token = ValueOf<'GET /token'>['tokens'][number]

/** What a phone has to scan. Show it to nobody but its user: whoever scans it first has the token. */
export interface Enrollment {
  readonly serial: string
  /** What the QR code says. */
  readonly uri: string
  /** The QR code, a PNG as data URI. */
  readonly image: string
  /** A PIN that Nod has drawn, shown this once. */
  readonly pin: string | undefined
}

/** Parameters of `POST /token/init`: `user` and `realm` of the owner, and optionally `pin`, `description`, `type`, `serial` … */
export type EnrollRequest = Omit<ParametersOf<'POST /token/init'>, 'genkey'>

/** Begins to enroll a phone: the token waits for a phone to scan the QR code. */
export async function enroll(nod: Nod, request: EnrollRequest, options?: CallOptions): Promise<Outcome<Enrollment>> {
  const answer = await exchange(nod, 'POST /token/init', { ...request, genkey: true }, options)
  return mapped(answer, ({ detail }) => enrollmentOf(detail))
}

export const enrollmentOf = ({ serial, pushurl, pin }: DetailOf<'POST /token/init'>): Enrollment => ({
  serial,
  uri: pushurl.value,
  image: pushurl.img,
  pin,
})

/** Milliseconds between two looks at the token. */
const TURN_MS = 1_500
/** The enrollment credential is good for ten minutes, unless policy says otherwise. */
const PATIENCE_MS = 600_000

/** Waits until a phone has registered, and returns its token. Fails with `timeout` if none does in time, and with `not_found` once
 *  the token is gone. */
export async function waitForPhone(
  nod: Nod,
  serial: string,
  { signal, patience = PATIENCE_MS }: WaitOptions = {},
): Promise<Outcome<Token>> {
  const end = performance.now() + patience
  for (;;) {
    const found = await call(nod, 'GET /token', { serial }, { signal })
    if (!found.ok) return found
    const token = found.value.tokens.find((one) => one.serial === serial)
    if (token === undefined) {
      const message = `There is no token ${serial}`
      return failed({ kind: 'refused', status: 404, code: 601, reason: 'not_found', message })
    }
    if (token.rollout_state === 'enrolled') return done(token)
    const left = end - performance.now()
    if (left <= 0) return failed({ kind: 'timeout', message: `No phone has registered for ${serial}`, after: patience })
    await sleep(Math.min(TURN_MS, left), signal)
  }
}
