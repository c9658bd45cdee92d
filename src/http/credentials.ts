import { digest } from '../operations/access/digest.ts'
import type { Credential, Occasion } from '../operations/access/identify.ts'
import { KEY_PREFIX } from '../operations/administration/service-keys.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done } from '../refusal.ts'

/**
 * What the caller brought: a service key in the path wins over a header; `PI-Authorization` wins over `Authorization`;
 * an API token may stand bare or behind `Bearer`. Looks nothing up.
 * Refuses: `authorization_undecodable`, `authorization_expired`.
 */
export async function readCredential(
  ports: Pick<Ports, 'credentials'>,
  headers: Headers,
  pathKey: string | undefined,
  from: Occasion,
): Promise<Outcome<Credential>> {
  const text =
    pathKey ?? (headers.get('PI-Authorization') || headers.get('Authorization') || '').replace(/^Bearer +/i, '').trim()
  if (text === '') return done({ kind: 'none' })
  if (text.startsWith(KEY_PREFIX) || pathKey !== undefined) return done({ kind: 'key', hash: await digest(text), from })
  const holder = await ports.credentials.readApiToken(text)
  return holder.ok ? done({ ...holder.value, from }) : holder
}

/** Where a call is allowed without any credential, one that does not read counts as none: plugins send what they like. */
export const credentialOrNone = (credential: Outcome<Credential>): Credential =>
  credential.ok ? credential.value : { kind: 'none' }
