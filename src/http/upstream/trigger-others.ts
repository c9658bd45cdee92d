/** Triggers the other tokens that a user whom Nod serves has at the upstream. Source: decision 0073. */
import { utf8 } from '../../bytes.ts'
import type { Upstream, UpstreamRequest } from '../../ports/upstream.ts'
import { present } from '../../present.ts'
import { readTokenPage } from '../../protocol/upstream/token-pages.ts'
import { isOwnType, readUpstreamAnswer, type UpstreamAnswer } from '../../protocol/upstream/upstream-answer.ts'
import type { Owner } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { OWN_REQUEST_LIMIT } from './answers.ts'
import { upstreamHeaders } from './pass.ts'

/** How many of a user's tokens are tried. More than one, because some types have no challenge. */
const MOST_TRIED = 3

/** Returns the challenge of the first of the user's other tokens that has one. Triggering by user would ring
 *  the user's phones there too, because privacyIDEA applies `disabled_token_types` only to checks. So this lists the tokens and triggers by
 *  serial. It triggers nothing for a user who has only phones there. */
export async function triggerOthers(
  c: HttpContext,
  upstream: Upstream,
  { login, realm }: Owner,
): Promise<UpstreamAnswer | undefined> {
  const query = new URLSearchParams({ user: login, realm, active: 'true' })
  const list = { method: 'GET', target: `/token/?${query.toString()}`, headers: upstreamHeaders(c) }
  const listed = await upstream.askAsAccount(list, OWN_REQUEST_LIMIT, true)
  const tokens = listed.ok ? (readTokenPage(listed.value.text)?.tokens ?? []) : []
  for (const { serial } of tokens.filter((one) => !isOwnType(String(one['tokentype']))).slice(0, MOST_TRIED)) {
    const asked = await upstream.askAsAccount(accountTrigger(c, { serial: String(serial) }), OWN_REQUEST_LIMIT, true)
    if (!asked.ok) return undefined
    const answer = readUpstreamAnswer(asked.value.text)
    if (answer?.kind === 'challenge') return answer
  }
  return undefined
}

/** A trigger by Nod's account of the user or token that Nod has authorized, and of nobody else: a caller's own request may also
 *  name another user, whom the upstream would read first. */
export const accountTrigger = (
  c: HttpContext,
  { user, realm, serial }: { readonly user?: string; readonly realm?: string; readonly serial?: string },
): UpstreamRequest => ({
  method: 'POST',
  target: '/validate/triggerchallenge',
  headers: { ...upstreamHeaders(c), 'content-type': 'application/x-www-form-urlencoded' },
  body: utf8(new URLSearchParams(present({ user, realm, serial })).toString()),
})
