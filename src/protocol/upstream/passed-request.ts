/** What of a request is passed to the upstream: path and headers. Everything that Nod and the upstream could read differently is refused or
 *  left out, so that Nod decides about the same request that the upstream answers. Source: docs/protocol.md, "The upstream". */

import { fieldsIn } from './upstream-answer.ts'

/** Paths that are Nod's own, whatever stands below them. `/s/` begins a service key. */
const OWN_PATHS = /^\/(?:s|apikey|assets|console|deployment|docs|healthz|invited|me|openapi\.json)(?:\/|$)/
/** Escapes that a server may decode to a separator, a dot or a letter: no client needs one. */
const AMBIGUOUS = /%(?:00|0[ad]|25|2[def]|3\d|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9ae]|c[01])|[\\;\p{Cc}]/iu

const LONGEST_PATH = 1000

/** Returns the path that the upstream is asked for: that of the request without a service key and without repeated slashes. Undefined for
 *  one that is not passed. */
export function passedPath(pathname: string): string | undefined {
  const path = pathname.replaceAll(/\/{2,}/g, '/').replace(/^\/s\/[^/]+(?=\/)/, '')
  const isPassed = !OWN_PATHS.test(path) && !AMBIGUOUS.test(path) && path.length <= LONGEST_PATH
  return isPassed && !path.split('/').some((segment) => segment === '.' || segment === '..') ? path : undefined
}

/** Headers of one connection, of the way to Nod, and those that Nod sets or reads itself. */
const NOT_PASSED =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length|expect|accept-encoding|cookie|authorization|pi-authorization|forwarded|via|x-forwarded-.*|x-original-.*|x-rewrite-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|fastly-client-ip|(?:x-)?remote-.*|(?:x-)?ssl-.*|x-http-method.*|cf-.*|cdn-loop|nod-.*|sec-websocket-.*|mf-.*)$/
/** A gateway interface reads `X_Forwarded_For` as `X-Forwarded-For`. */
const NAME = /^[a-z0-9-]+$/

/** Returns the headers that the upstream gets: those of the request that are about the request itself, the caller's credential if it is the
 *  upstream's, and the one address that Nod believes. `addressHeader`: the header that tells Nod its caller's address. */
export function passedHeaders(
  headers: Iterable<readonly [string, string]>,
  { address, addressHeader }: { readonly address: string; readonly addressHeader?: string | undefined },
): Readonly<Record<string, string>> {
  const all = [...headers].map(([name, value]) => [name.toLowerCase(), value] as const)
  const ofConnection = new Set(
    all.flatMap(([name, value]) => (name === 'connection' ? value.toLowerCase().split(/[\s,]+/) : [])),
  )
  const isPassed = (name: string): boolean =>
    NAME.test(name) && !NOT_PASSED.test(name) && !ofConnection.has(name) && name !== addressHeader?.toLowerCase()
  const credentials = all.filter(
    ([name, value]) => (name === 'authorization' || name === 'pi-authorization') && isForeignToken(value),
  )
  return {
    ...Object.fromEntries(all.filter(([name]) => isPassed(name))),
    ...Object.fromEntries(credentials),
    'x-forwarded-for': address,
    // If it comes back, the upstream's address leads to Nod.
    'nod-passed': '1',
  }
}

/** The form of the `kid` in every API token of Nod's. */
const OWN_KEY_ID = /^[0-9a-f]{16}$/

/** Whether this is a JWT that Nod did not issue. Nothing else that callers authenticate with is passed: a service key of Nod's is a secret of
 *  Nod's, and so is anything that may be one. `text`: with or without `Bearer`. */
export function isForeignToken(text: string): boolean {
  const token = text.replace(/^Bearer +/i, '').trim()
  const [header, ...rest] = token.split('.')
  if (header === undefined || rest.length !== 2 || !/^[\w.~+/=-]+$/.test(token)) return false
  const fields = jsonIn(header)
  return fields !== undefined && !OWN_KEY_ID.test(String(fields['kid']))
}

function jsonIn(segment: string): Readonly<Record<string, unknown>> | undefined {
  const base64 = segment
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
  return /^[A-Za-z0-9+/]+$/.test(base64) && base64.length % 4 !== 1 ? fieldsIn(atob(base64)) : undefined
}

/** What of the upstream's headers a caller gets. Cookies, rights for other origins and anything that configures the browser stay behind: they
 *  would count for Nod's pages. */
const ANSWERED = ['content-type', 'content-disposition', 'content-language', 'retry-after', 'allow', 'www-authenticate']

/** Returns the headers of the response. `base`: the upstream's address; a redirection within it becomes one within Nod, any other is not
 *  told. */
export function answeredHeaders(headers: Headers, base: string): Readonly<Record<string, string>> {
  const kept = ANSWERED.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const location = headers.get('location') ?? ''
  const within = location.startsWith(`${base}/`) ? location.slice(base.length) : location
  return {
    ...Object.fromEntries(kept),
    ...(/^\/(?![/\\])[\x21-\x7e]*$/.test(within) ? { location: within } : {}),
    // A page of the upstream must not act on Nod's origin, where administrators are signed in.
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  }
}
