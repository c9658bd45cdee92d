import { encodeBase64 } from '../bytes.ts'

/** A content security policy that allows this style and nothing else: no script, image, frame or form. */
export async function contentPolicyFor(style: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
  const hash = encodeBase64(new Uint8Array(digest))
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}
