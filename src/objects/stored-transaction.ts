import { readStep } from '../protocol/login/step-texts.ts'
import type { Transaction } from '../rules/login/transaction.ts'

/** Reads the login that a row holds, whichever version wrote it. */
export const readTransaction = (stored: Transaction): Transaction => ({
  ...stored,
  steps: stored.steps.map(readStep),
})
