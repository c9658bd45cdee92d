import { digest } from '../operations/access/digest.ts'
import type { Credential, RequestOrigin } from '../operations/access/identify.ts'
import { KEY_PREFIX } from '../operations/administration/service-keys.ts'
import type { Ports } from '../ports/ports.ts'
import { done, type Outcome } from '../refusal.ts'

/** Reads the caller's credential. A service key in the path wins over the headers, `PI-Authorization` over
 *  `Authorization`; `Bearer` in front of the token is optional. Verifies API tokens; does not look up service keys.
 *  Refuses: `authorization_undecodable`, `authorization_expired`; `storage_unavailable`, only for an API token. Source: docs/protocol.md, "Credentials". */
export async function readCredential(
  ports: Pick<Ports, 'credentials'>,
  headers: Headers,
  pathKey: string | undefined,
  from: RequestOrigin,
): Promise<Outcome<Credential>> {
  const text =
    pathKey ?? (headers.get('PI-Authorization') || headers.get('Authorization') || '').replace(/^Bearer +/i, '').trim()
  if (text === '') return done({ kind: 'none' })
  if (pathKey !== undefined) return done({ kind: 'key', hash: await digest(text), inPath: true, from })
  if (text.startsWith(KEY_PREFIX)) return done({ kind: 'key', hash: await digest(text), from })
  const holder = await ports.credentials.readApiToken(text)
  return holder.ok ? done({ ...holder.value, from }) : holder
}

/** Treats an unreadable credential as none, for endpoints that need none: some plugins send their own there. */
export const credentialOrNone = (credential: Outcome<Credential>): Credential =>
  credential.ok ? credential.value : { kind: 'none' }
