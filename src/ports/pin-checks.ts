/** PINs and passwords that others check: those of a directory, and those of imported tokens. */
import type { Outcome } from '../refusal.ts'
import type { Owner, Serial } from '../vocabulary.ts'

export interface PasswordCheck {
  /** The address of the verifier. */
  readonly url: string
  /** Asks whether this is the user's password. It is stored nowhere. Refuses: `pin_check_unavailable` unless the verifier says yes or no in
   *  time, and while it did not lately. */
  ask(owner: Owner, password: string): Promise<Outcome<boolean>>
  /** Asks the verifier to prove that it has the secret. Refuses: `pin_check_unavailable`. */
  probe(): Promise<Outcome<void>>
}

export interface PinChecks {
  /** Undefined where no verifier is configured: `otppin=userstore` cannot be set. */
  readonly passwords: PasswordCheck | undefined
  /** Asks the server that users move here from whether this is the PIN of its token. Its phone is not rung. Undefined where Nod has no
   *  account there. Refuses: `pin_check_unavailable`. */
  readonly imported: ((serial: Serial, pin: string) => Promise<Outcome<boolean>>) | undefined
}
