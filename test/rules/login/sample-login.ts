import type { Challenge, Transaction } from '../../../src/rules/login/transaction.ts'
import { addSeconds, instant, type Nonce, seconds, type Serial, type TransactionId } from '../../../src/vocabulary.ts'

const opened = instant(Date.UTC(2026, 9, 20, 9))
export const after = (count: number) => addSeconds(opened, seconds(count))

export const serial = (text: string) => text as Serial
export const nonce = (text: string) => text as Nonce

/** One phone's part: the phone `A` has the serial `A` and the nonce `nonce of A`. */
export const challenge = (phone: string, rest: Partial<Challenge> = {}): Challenge => ({
  serial: serial(phone),
  type: 'push',
  nonce: nonce(`nonce of ${phone}`),
  mode: 'standard',
  phoneKey: 'key',
  prompt: {},
  context: {},
  salt: 'salt',
  state: 'pending',
  ...rest,
})

/** A login of Ada, opened just now: two minutes to answer, five to finalize. */
export const login = (challenges: readonly Challenge[], rest: Partial<Transaction> = {}): Transaction => ({
  id: '01234567890123456789' as TransactionId,
  owner: { login: 'ada', realm: 'sales' },
  userInput: { user: 'ada@sales' },
  openedBy: 'POST /validate/triggerchallenge',
  address: '192.0.2.7',
  userAgent: 'test',
  openedAt: opened,
  answerBy: after(120),
  grace: seconds(300),
  wrongCodes: 0,
  challenges,
  steps: [{ at: opened, kind: 'opened' }],
  ...rest,
})
