/** Where phones reach Nod. */
import type { Limits } from '../ports/ports.ts'
import type { Source } from '../vocabulary.ts'

/** Returns the address that a QR code may name, without a trailing slash: the setting PUBLIC_URL, else the host of the request
 *  where the caller cannot choose it. Cloudflare routes by that name, and always serves it over https as well. A loopback
 *  address leads a phone nowhere else. Undefined for any other host, because whoever made the request has written it: phones would
 *  register at a stranger's server, and answer there. */
export function publicUrlOf(
  { publicUrl, onCloudflare }: Pick<Limits, 'publicUrl' | 'onCloudflare'>,
  { origin }: Pick<Source, 'origin'>,
): string | undefined {
  if (publicUrl !== undefined) return publicUrl
  if (LOOPBACK.test(origin)) return origin
  return onCloudflare ? origin.replace(/^http:/, 'https:') : undefined
}

/** As `URL` writes an origin. */
const LOOPBACK = /^https?:\/\/(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)(?::\d+)?$/
