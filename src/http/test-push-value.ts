import type { OpenedLogin } from '../operations/login/login-request.ts'
import { present } from '../present.ts'

/** A login that tests the way to a phone, as it is answered. */
export const testPushValue = ({ transaction, message, challenges }: OpenedLogin) => ({
  transaction_id: transaction,
  message,
  phones: challenges.map(({ serial, mode, presence }) => ({ serial, mode, ...present({ number: presence }) })),
})
