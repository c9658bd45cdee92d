import { readStep } from '../protocol/login/step-texts.ts'
import type { Challenge, Transaction } from '../rules/login/transaction.ts'

/** Reads the login that a row holds, whichever version wrote it. */
export const readTransaction = (stored: Transaction): Transaction => {
  const { challenges, steps, ...transaction } = withNames(stored, FIELDS)
  const { successEffects } = transaction
  return {
    ...transaction,
    ...(successEffects && { successEffects: withNames(successEffects, EFFECT_FIELDS) }),
    challenges: challenges.map((challenge) => withNames<Challenge>(challenge, CHALLENGE_FIELDS)),
    steps: steps.map(readStep),
  }
}

// What the version before called the fields.
const FIELDS = { given: 'userInput', ending: 'successEffects', usedIn: 'finalizedByAttempt', told: 'reply' } as const
const EFFECT_FIELDS = { answer: 'detail' } as const
const CHALLENGE_FIELDS = { given: 'answer' } as const

function withNames<Row extends object>(row: Row, names: Readonly<Record<string, keyof Row>>): Row {
  const entries = Object.entries(row).map(([name, value]) => [Object.hasOwn(names, name) ? names[name] : name, value])
  return Object.fromEntries(entries) as Row
}
