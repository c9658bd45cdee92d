import type { ComponentChildren } from 'preact'
import { address } from '../../address.ts'
import { session } from '../../session.ts'
import { TokenAction } from '../tokens/actions.tsx'
import { t } from './login-texts.ts'

interface HelpedLogin {
  readonly user: string
  readonly realm: string
  readonly serials: readonly string[]
  readonly cause: string
  readonly advice: string
}

const isAbout = (cause: string, ...words: readonly string[]): boolean => words.some((word) => cause.includes(word))

/** What to do about a login, with the way to where it is done. */
export function Help({
  of: { user, realm, serials, cause, advice },
  policies = [],
}: {
  readonly of: HelpedLogin
  readonly policies?: readonly string[]
}) {
  const { help } = t()
  const isAdmin = session.value?.role === 'admin'
  const isLocked = isAbout(cause, 'attempts_exceeded')
  const links: readonly (readonly [boolean, string, ComponentChildren])[] = [
    ...serials.map((serial) => [true, `/tokens/${encodeURIComponent(serial)}`, help.token(serial)] as const),
    [user !== '', `/users/${encodeURIComponent(realm)}/${encodeURIComponent(user)}`, help.user(user)],
  ]
  const filtered: readonly (readonly [boolean, string, ComponentChildren])[] = [
    [user !== '', address('/logins', { user, realm }), help.logins(user)],
    [
      user !== '' && isAbout(cause, 'no_tokens', 'no_suitable', 'tokenless'),
      address('/enroll', { user, realm }),
      help.enroll,
    ],
    ...policies.map((name) => [isAdmin, address(`/policies/${encodeURIComponent(name)}`), help.policy(name)] as const),
    [
      isAdmin &&
        policies.length === 0 &&
        isAbout(cause, 'polic', 'allowed', 'authorized', 'condition', 'limited', 'profile', 'right'),
      address('/policies'),
      help.policies,
    ],
    [isAdmin && isAbout(cause, 'service_key'), address('/keys'), help.keys],
    [isAdmin && isAbout(cause, 'deliver', 'not_fetched', 'storage'), address('/doctor'), help.doctor],
    [cause.startsWith('refused'), address('/audit', { user }), help.audit],
  ]
  const shown = [...links.map(([is, path, name]) => [is, address(path), name] as const), ...filtered].filter(
    ([is]) => is,
  )
  return (
    <div class="stack-tight">
      {advice !== '' && <p>{advice}</p>}
      <div class="help-links">
        {isLocked && serials.length > 0 && <TokenAction action="reset" serials={serials} onDone={() => undefined} />}
        {shown.map(([, href, name]) => (
          <a key={href} href={href}>
            {name}
          </a>
        ))}
      </div>
    </div>
  )
}
