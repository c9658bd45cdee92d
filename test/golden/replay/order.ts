import { at, type Json } from './recording.ts'
import type { Translation } from './translation.ts'

/** Compares lists of prompts: their order and their content are separate differences. */

export const noncesOf = (prompts: readonly Json[]): Json[] => prompts.map((prompt) => at(prompt, 'nonce') ?? null)

/** The live prompts in the order of the recorded ones, if they are the same prompts in another order; else undefined. */
export function inRecordedOrder(
  translation: Translation,
  recorded: readonly Json[],
  live: readonly Json[],
): Json[] | undefined {
  const expected = noncesOf(recorded).map((nonce) => translation.json(nonce))
  const nonces = noncesOf(live)
  const partners = expected.flatMap((nonce) => live[nonce === null ? -1 : nonces.indexOf(nonce)] ?? [])
  const isSame = partners.length === live.length && recorded.length === live.length
  return isSame && partners.some((prompt, index) => prompt !== live[index]) ? partners : undefined
}
