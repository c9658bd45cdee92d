import { call, download, exchange, type ParametersOf, type ValueOf } from '../call.ts'
import type { CallOptions, Nod } from '../connection.ts'
import type { Token } from '../enrollment.ts'
import { mapped, type Outcome } from '../outcome.ts'
import { pagesOf } from '../pages.ts'

export type TokenFilter = Omit<ParametersOf<'GET /token'>, 'outform'>
export type TokenPage = ValueOf<'GET /token'>

/** Which tokens a call is about: one by its serial, a hundred at most by theirs, or all of a user's. */
export type Tokens =
  | string
  | { readonly serials: readonly string[]; readonly user?: string; readonly realm?: string }
  | { readonly user: string; readonly realm?: string | undefined }

const selection = (tokens: Tokens) => (typeof tokens === 'string' ? { serial: tokens } : tokens)

export type TokenSearch = ParametersOf<'GET /token/search'>
export type FoundTokens = ValueOf<'GET /token/search'>

/** Finds tokens by the beginning of user, serial or description. `next` of the value is the `cursor` of the next page. */
export const searchTokens = (nod: Nod, search: TokenSearch, options?: CallOptions): Promise<Outcome<FoundTokens>> =>
  call(nod, 'GET /token/search', search, options)

/** Lists the tokens that the filter finds, a page of them. */
export const listTokens = (nod: Nod, filter: TokenFilter = {}, options?: CallOptions): Promise<Outcome<TokenPage>> =>
  call(nod, 'GET /token', filter, options)

/** Yields every page of the tokens that the filter finds, 500 in each unless `pagesize` is set. */
export const tokenPages = (nod: Nod, filter: TokenFilter = {}, options?: CallOptions) =>
  pagesOf((page) => listTokens(nod, { pagesize: 500, ...filter, page }, options))

/** The tokens that the filter finds, as CSV. */
export const tokensCsv = (nod: Nod, filter: TokenFilter = {}, options?: CallOptions): Promise<Outcome<Blob>> =>
  download(nod, 'GET /token', { ...filter, outform: 'csv' }, options)

/** Finds a token by its serial; undefined if there is none. */
export const findToken = async (nod: Nod, serial: string, options?: CallOptions): Promise<Outcome<Token | undefined>> =>
  mapped(await listTokens(nod, { serial }, options), ({ tokens }) => tokens.find((one) => one.serial === serial))

/** Lets tokens take part in logins again. The value is how many have changed. */
export const enableTokens = (nod: Nod, tokens: Tokens, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /token/enable', selection(tokens), options)

/** Ends the open logins of tokens, and lets them take part in none until they are enabled. The value is how many have changed. */
export const disableTokens = (nod: Nod, tokens: Tokens, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /token/disable', selection(tokens), options)

/** Disables tokens for good. The value is how many have changed. */
export const revokeTokens = (nod: Nod, tokens: Tokens, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /token/revoke', selection(tokens), options)

/** Deletes tokens. The value is that of `DELETE /token`. */
export const deleteTokens = (
  nod: Nod,
  tokens: Tokens,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'DELETE /token'>>> =>
  // By a list too: lists of serials are text with commas in a query.
  typeof tokens === 'string'
    ? call(nod, 'DELETE /token/{serial}', { serial: tokens }, options)
    : call(nod, 'DELETE /token', tokens, options)

/** Unlocks tokens: their failed attempts begin anew. The value is how many have changed. */
export const resetTokens = (nod: Nod, tokens: Tokens, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /token/reset', selection(tokens), options)

/** Rings the phones of tokens no more for some minutes: 60 unless set. The value is how many have changed. */
export const pauseRings = (
  nod: Nod,
  tokens: Tokens,
  minutes?: number,
  options?: CallOptions,
): Promise<Outcome<number>> => call(nod, 'POST /token/pause', { ...selection(tokens), minutes }, options)

/** Ends a pause. The value is how many tokens were paused. */
export const resumeRings = (nod: Nod, tokens: Tokens, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /token/resume', selection(tokens), options)

/** Sets the PIN of tokens; an empty one removes it. The value is how many have changed. */
export const setPin = (nod: Nod, tokens: Tokens, pin: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /token/setpin', { ...selection(tokens), otppin: pin }, options)

/** Sets a PIN that Nod draws, and returns it, this once. */
export const setRandomPin = async (
  nod: Nod,
  tokens: Tokens,
  options?: CallOptions,
): Promise<Outcome<string | undefined>> =>
  mapped(await exchange(nod, 'POST /token/setrandompin', selection(tokens), options), ({ detail }) => detail.pin)

export type TokenLimits = Omit<ParametersOf<'POST /token/set'>, 'serial' | 'serials' | 'user' | 'realm'>

/** Sets limits and description of tokens. The value is how many attributes have changed. */
export const setTokenLimits = (
  nod: Nod,
  tokens: Tokens,
  limits: TokenLimits,
  options?: CallOptions,
): Promise<Outcome<number>> => call(nod, 'POST /token/set', { ...limits, ...selection(tokens) }, options)

/** Sets the description of tokens. */
export const describeTokens = (
  nod: Nod,
  tokens: Tokens,
  description: string,
  options?: CallOptions,
): Promise<Outcome<boolean>> => call(nod, 'POST /token/description', { ...selection(tokens), description }, options)

/** Gives a token to a user. Refused while it is somebody else's. */
export const assignToken = (
  nod: Nod,
  request: ParametersOf<'POST /token/assign'>,
  options?: CallOptions,
): Promise<Outcome<boolean>> => call(nod, 'POST /token/assign', request, options)

/** Takes tokens from their owners, with their PINs. The value is that of `POST /token/unassign`. */
export const unassignTokens = (
  nod: Nod,
  tokens: Tokens,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /token/unassign'>>> => call(nod, 'POST /token/unassign', selection(tokens), options)

/** Gives one token the PIN of another. */
export const copyPin = (nod: Nod, from: string, to: string, options?: CallOptions): Promise<Outcome<boolean>> =>
  call(nod, 'POST /token/copypin', { from, to }, options)

/** Gives one token the owner of another. */
export const copyOwner = (nod: Nod, from: string, to: string, options?: CallOptions): Promise<Outcome<boolean>> =>
  call(nod, 'POST /token/copyuser', { from, to }, options)

/** Disables the token of a lost phone and issues a bypass code to its owner: `password` of the value, this once. */
export const markTokenLost = (
  nod: Nod,
  serial: string,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /token/lost/{serial}'>>> => call(nod, 'POST /token/lost/{serial}', { serial }, options)

/** Lists a token in these realms, besides its owner's, and in no others. */
export const setTokenRealms = (
  nod: Nod,
  serial: string,
  realms: readonly string[],
  options?: CallOptions,
): Promise<Outcome<boolean>> => call(nod, 'POST /token/realm/{serial}', { serial, realms }, options)

/** Notes something about a token; `polling_allowed` says whether its phone may poll. */
export const setTokenInfo = (
  nod: Nod,
  serial: string,
  key: string,
  value: string,
  options?: CallOptions,
): Promise<Outcome<boolean>> => call(nod, 'POST /token/info/{serial}/{key}', { serial, key, value }, options)

/** Deletes what was noted about a token. */
export const deleteTokenInfo = (
  nod: Nod,
  serial: string,
  key: string,
  options?: CallOptions,
): Promise<Outcome<boolean>> => call(nod, 'DELETE /token/info/{serial}/{key}', { serial, key }, options)

export type BypassCode = ValueOf<'GET /token/bypass'>[number]

/** Lists the bypass codes that nobody has used yet, without the codes. */
export const listBypassCodes = (nod: Nod, options?: CallOptions): Promise<Outcome<readonly BypassCode[]>> =>
  call(nod, 'GET /token/bypass', {}, options)

/** Issues a code with which a user logs in once without the phone: `code` of the value, this once. */
export const issueBypassCode = (
  nod: Nod,
  request: ParametersOf<'POST /token/bypass'>,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /token/bypass'>>> => call(nod, 'POST /token/bypass', request, options)

/** Withdraws a bypass code. */
export const withdrawBypassCode = (nod: Nod, id: number, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'DELETE /token/bypass/{id}', { id }, options)

export type ChallengeFilter = ParametersOf<'GET /token/challenges'>
export type ChallengePage = ValueOf<'GET /token/challenges'>

/** Lists the challenges of open logins. */
export const listChallenges = (
  nod: Nod,
  filter: ChallengeFilter = {},
  options?: CallOptions,
): Promise<Outcome<ChallengePage>> => call(nod, 'GET /token/challenges', filter, options)

export type ShownToken = ValueOf<'GET /token/{serial}'>

/** Shows one token with everything that is known of it; undefined if there is none. */
export async function showToken(
  nod: Nod,
  serial: string,
  options?: CallOptions,
): Promise<Outcome<ShownToken | undefined>> {
  const shown = await call(nod, 'GET /token/{serial}', { serial }, options)
  const isUnknown = !shown.ok && shown.failure.kind === 'refused' && shown.failure.reason === 'not_found'
  return isUnknown ? { ok: true, value: undefined } : shown
}
