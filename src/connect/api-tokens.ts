import type { ApiTokenKey, ApiTokenKeyTable, OpenedApiTokenKey, SealedApiTokenKey } from '../ports/api-token-keys.ts'
import type { Administrator } from '../ports/administrators.ts'
import type { Credentials, Deployment, Snapshot } from '../ports/ports.ts'
import { type ApiTokenClaims, type FindKey, issueApiToken, readApiToken } from '../protocol/administration/api-token.ts'
import { encodeHex } from '../bytes.ts'
import { done, type Outcome } from '../refusal.ts'
import { LruCache } from '../storage/lru-cache.ts'
import { storageUnavailable } from '../storage/run-query.ts'
import { addSeconds, type Instant, type Random, type Role, type Seconds, seconds, type Serial } from '../vocabulary.ts'

export interface ApiTokenOptions {
  readonly deployment: Deployment
  readonly table: ApiTokenKeyTable
  readonly newKey: () => Promise<SealedApiTokenKey>
  readonly random: Random
  readonly now: () => Instant
}

/** So many verified API tokens are remembered: verifying one costs as much as the rest of reading a request. */
const MAX_REMEMBERED = 100
/** What is written of a key's API tokens holds for those of another day, so that most sign-ins write nothing. */
const MARGIN = seconds(86_400)
/** A sign-in that meets rotation after rotation gives up. */
const TRIES = 3

type CurrentKey = ApiTokenKey & { readonly opened: OpenedApiTokenKey }

const currentOf = (snapshot: Snapshot): ApiTokenKey | undefined =>
  [...snapshot.apiTokenKeys.values()].find(({ retiredAt }) => retiredAt === undefined)

/** Issues API tokens with the deployment's current key, and reads those of every key that the deployment has. */
export function apiTokens(
  options: ApiTokenOptions,
): Pick<
  Credentials,
  'issueAdministratorToken' | 'issueEnrollingToken' | 'issueUserToken' | 'newApiTokenKey' | 'readApiToken'
> {
  const { deployment, table, newKey, random, now } = options
  const verified = new LruCache<string, { readonly claims: ApiTokenClaims; readonly key: OpenedApiTokenKey }>(
    MAX_REMEMBERED,
  )
  const nonce = (): string => encodeHex(random(20))

  /** The current key, which is made at first use. */
  async function current(known: Outcome<Snapshot>): Promise<Outcome<CurrentKey>> {
    if (!known.ok) return known
    const key = currentOf(known.value)
    if (key !== undefined) return key.opened === undefined ? storageUnavailable() : done({ ...key, opened: key.opened })
    const stored = await table.addFirst(await newKey())
    if (!stored.ok) return stored
    const fresh = await deployment.reload()
    if (!fresh.ok) return fresh
    const first = currentOf(fresh.value)
    return first?.opened === undefined ? storageUnavailable() : done({ ...first, opened: first.opened })
  }

  /** Issues an API token. Its end is written to the key before anybody has it: so a key that is retired is known to verify
   *  everything it signed. */
  async function issue(
    claims: (key: CurrentKey) => Omit<Parameters<typeof issueApiToken>[1], 'nonce' | 'rights'>,
    lifetime: Seconds,
    name = nonce(),
  ): Promise<Outcome<string>> {
    let known = await deployment.cachedOrReload()
    for (let tries = 0; tries < TRIES; tries += 1) {
      const key = await current(known)
      if (!key.ok) return key
      const { id, opened, tokensValidUntil } = key.value
      const at = now()
      const end = addSeconds(at, lifetime)
      const extended = end <= tokensValidUntil ? done(true) : await table.extend(id, addSeconds(end, MARGIN))
      if (!extended.ok) return extended
      if (extended.value) {
        const all = { ...claims(key.value), rights: [], nonce: name }
        return done(await issueApiToken({ id, key: opened.key }, all, at, lifetime))
      }
      // The key was retired meanwhile.
      known = await deployment.reload()
    }
    return storageUnavailable()
  }

  const issueFor = ({ login, generation }: Administrator, role: Role | 'enrolling', lifetime: Seconds) =>
    issue(
      ({ opened }) => ({ username: login, realm: '', role, generation: generation ?? opened.bootstrapGeneration }),
      lifetime,
    )

  const findKey: FindKey = async (id) => {
    const known = await deployment.cachedOrReload()
    if (!known.ok) return known
    const isKnown = known.value.apiTokenKeys.has(id)
    // Another isolate may have made the key since this one read the deployment; or a stranger made it up.
    const fresh = isKnown ? known : await deployment.reloadForUnknown()
    if (!fresh.ok) return fresh
    const key = fresh.value.apiTokenKeys.get(id)
    if (key === undefined) return done(undefined)
    // A key that does not open says nothing about the API token.
    if (key.opened === undefined) return storageUnavailable()
    return done({ key: key.opened.key, tokensValidUntil: key.retiredAt && key.tokensValidUntil })
  }

  async function read(token: string): Promise<Outcome<ApiTokenClaims>> {
    const found = verified.get(token)
    const isCurrent =
      found !== undefined &&
      now() < found.claims.expiresAt &&
      deployment.cached()?.apiTokenKeys.get(found.claims.keyId)?.opened === found.key
    if (isCurrent) return done(found.claims)
    const claims = await readApiToken(findKey, token, now())
    const key = claims.ok ? deployment.cached()?.apiTokenKeys.get(claims.value.keyId)?.opened : undefined
    if (claims.ok && key !== undefined) verified.set(token, { claims: claims.value, key })
    return claims
  }

  return {
    newApiTokenKey: newKey,
    issueAdministratorToken: (administrator, lifetime) => issueFor(administrator, administrator.role, lifetime),
    issueEnrollingToken: (administrator, lifetime) => issueFor(administrator, 'enrolling', lifetime),
    issueUserToken: ({ owner: { login, realm }, serial, generation }, lifetime, id) =>
      issue(() => ({ username: login, realm, role: 'user', generation, serial }), lifetime, id),
    async readApiToken(token) {
      const claims = await read(token)
      if (!claims.ok) return claims
      const { keyId, username, realm, role, generation, serial, nonce: id, expiresAt } = claims.value
      const holder = { keyId, session: { id, expiresAt }, generation }
      if (role !== 'user')
        return done({ kind: role === 'enrolling' ? role : 'administrator', ...holder, name: username })
      const owner = { login: username, realm }
      return done({ kind: 'user', ...holder, owner, serial: (serial ?? '') as Serial })
    },
  }
}
