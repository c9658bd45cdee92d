import { present } from '../present.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done, outcomeOf, refuse } from '../refusal.ts'
import type { Transaction } from '../rules/login/transaction.ts'
import type { Serial } from '../vocabulary.ts'
import { approvingApp } from './answers.ts'

/** Whether a login may be finished: what it counts against has room for it, where policy limits that, and its phone says so,
 *  which records the success. Refuses: `logins_limited`, as `PhoneObject.finish`. */
export async function finalizeOnPhone(
  { phones, counters }: Pick<Ports, 'phones' | 'counters'>,
  login: Transaction,
  serial: Serial,
): Promise<Outcome<void>> {
  const { id, challenges, owner } = login
  const quota = login.ending?.quota
  const room = quota && (await outcomeOf(counters.of(quota.counter).take(quota.name, id, quota)))
  if (room?.ok === false) return room
  if (quota !== undefined && room?.value === false)
    return refuse({ reason: 'logins_limited', which: 'successful', most: quota.most, within: quota.within })
  const { phoneKey = '', revision } = challenges.find((one) => one.serial === serial) ?? {}
  const may = await phones.of(serial).finish(id, phoneKey, present({ revision, owner }), approvingApp(login, serial))
  if (may.ok) return done(undefined)
  // Not given back, it stays taken for as long as a login counts: rather one too few than one too many.
  if (quota !== undefined) await outcomeOf(counters.of(quota.counter).giveBack(quota.name, id))
  // Said anew: another object's reply, handed on as it came, keeps this call open until its caller lets go of it.
  return refuse(may.refusal)
}

/** The failed attempts of the owner's other tokens begin anew, where policy says so. Never throws. */
export async function resetOtherTokens(
  { phones, log }: Pick<Ports, 'phones' | 'log'>,
  { ending }: Transaction,
  serial: Serial,
): Promise<void> {
  const others = (ending?.resets ?? []).filter((one) => one !== serial)
  const outcomes = await Promise.allSettled(others.map((one) => phones.of(one).reset()))
  for (const one of outcomes) if (one.status === 'rejected') log('reset_failed', { error: String(one.reason) })
}
