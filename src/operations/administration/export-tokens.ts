/** Exports tokens to the server that they came from. */
import { encodeBase64 } from '../../bytes.ts'
import type { ExportedSecrets } from '../../ports/exports.ts'
import type { Ports } from '../../ports/ports.ts'
import { encryptFor, type ExportRequest } from '../../protocol/administration/export-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { seconds, type Serial, type Source } from '../../vocabulary.ts'
import type { ReturningToken } from '../../vocabulary/exports.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import type { Credential } from '../access/identify.ts'

const ACTION = 'POST /deployment/export'
const RETRY_AFTER = seconds(1)

export interface ExportPage {
  readonly tokens: readonly ReturningToken[]
  /** A JWE for the recipient, of `ExportedSecrets`. */
  readonly secrets: string
  /** The serial after which the next page begins; absent after the last. */
  readonly next?: Serial
}

/** Answers a page of tokens, with the PINs of those that were changed or enrolled here, and the signing keys that the other server does
 *  not have, encrypted for the recipient. Each page is in the audit before it is answered, with the keys that it has.
 *  Refuses: as `authorize`; `parameter_invalid` for a recipient's key that cannot be used; `storage_unavailable`, also if a secret does
 *  not open. */
export async function exportTokens(
  ports: Ports,
  credential: Credential,
  source: Source,
  { after, realms, recipient }: ExportRequest,
): Promise<Outcome<ExportPage>> {
  const change = await authorizeDeploymentChange(ports, credential, source, 'secrets_export', ACTION)
  if (!change.ok) return change
  const encrypt = await encryptFor(recipient, ports.random)
  if (encrypt === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'recipient', why: 'expected an RSA key of 3072 bits or more' })
  const page = await ports.exports.page(after)
  if (!page.ok) return page
  const tokens = page.value.filter(
    ({ token, origin }) =>
      realms.length === 0 || [token?.owner?.realm, origin?.realm].some((realm) => realm && realms.includes(realm)),
  )
  const secrets = await secretsOf(ports, tokens)
  if (!secrets.ok) return secrets
  const { pins, keys } = secrets.value
  if (tokens.length > 0) {
    const range = `${tokens.length} tokens, ${tokens[0]?.serial ?? ''} to ${tokens.at(-1)?.serial ?? ''}`
    const given = `${Object.keys(pins).length} PIN hashes; signing keys: ${Object.keys(keys).join(', ') || 'none'}`
    const recorded = await ports.exports.record({ ...change.value.entry, info: `${range}; ${given}` })
    if (!recorded.ok) return recorded
  }
  const last = page.value.at(-1)
  return done({ tokens, secrets: await encrypt(secrets.value), ...(last === undefined ? {} : { next: last.serial }) })
}

async function secretsOf(ports: Ports, tokens: readonly ReturningToken[]): Promise<Outcome<ExportedSecrets>> {
  const pins: Record<Serial, ExportedSecrets['pins'][Serial]> = {}
  const keys: Record<string, string> = {}
  for (const { serial, token, isChanged, pin, privateKey } of tokens) {
    if (!isChanged || token === undefined) continue
    if (pin !== undefined) {
      const opened = await ports.pins.open(serial, pin, async () => done(undefined))
      if (!opened.ok) return opened
      const { pending, digest, rounds, salt, hash } = opened.value
      if (pending === undefined) pins[serial] = { digest, rounds, salt: encodeBase64(salt), hash: encodeBase64(hash) }
    }
    const { signingKey } = token
    if (privateKey === undefined || signingKey === undefined || token.state !== 'enrolled') continue
    if (keys[signingKey] !== undefined) continue
    const key = await ports.openSigningKey(signingKey, privateKey)
    if (key === undefined) return refuse({ reason: 'storage_unavailable', retryAfter: RETRY_AFTER })
    keys[signingKey] = encodeBase64(key)
  }
  return done({ pins, keys })
}
