import { CompactSign } from 'jose'

/** The media type of the JWS of a head. Source: docs/audit-format.md, "Heads". */
const TYPE = 'nod-audit-head+jwt'

/** What a head says. */
export interface HeadClaims {
  /** The deployment's address, if it is configured. */
  readonly iss?: string
  readonly at: number
  readonly chains: Readonly<Record<string, { readonly number: number; readonly hash: string }>>
}

/** Signs a head: a JWS in compact form, ES256. `key`: ECDSA over P-256. */
export const signHead = (key: CryptoKey, kid: string, claims: HeadClaims): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', typ: TYPE, kid })
    .sign(key)
