import { at, type Json } from './recording.ts'
import type { Translation } from './translation.ts'

/** Lists of prompts, whose order is one thing and whose content another. */

export const noncesOf = (prompts: readonly Json[]): Json[] => prompts.map((prompt) => at(prompt, 'nonce') ?? null)

/** The live prompts as the recorded ones are ordered, if they are the same ones in another order; otherwise nothing. */
export function inRecordedOrder(
  translation: Translation,
  recorded: readonly Json[],
  live: readonly Json[],
): Json[] | undefined {
  const wanted = noncesOf(recorded).map((nonce) => translation.json(nonce))
  const nonces = noncesOf(live)
  const partners = wanted.flatMap((nonce) => live[nonce === null ? -1 : nonces.indexOf(nonce)] ?? [])
  const isSame = partners.length === live.length && recorded.length === live.length
  return isSame && partners.some((prompt, index) => prompt !== live[index]) ? partners : undefined
}
