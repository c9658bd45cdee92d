import type { Outcome } from '../../refusal.ts'

/** Returns the value; throws if it was refused. A round that throws ends until the next hour. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.refusal.reason)
  return outcome.value
}
