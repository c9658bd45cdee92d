/** A URL as Dart's `Uri` writes it, from which the app rebuilds the signed text (docs/protocol.md, "Signed text of the prompt").
 *  A WHATWG URL will not do: it keeps `%7e` and adds a slash to an empty path, and Dart does neither. */

// RFC 3986, appendix B.
const PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s
const DEFAULT_PORT: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** The URL as the app writes it back, or undefined if the app could not read it as http(s) with a host. */
export function canonicalUrl(text: string): string | undefined {
  const parts = PARTS.exec(text)
  const scheme = parts?.[1]?.toLowerCase() ?? ''
  const authority = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(parts?.[2] ?? '')
  const host = authority?.[2] ?? ''
  if (!(scheme in DEFAULT_PORT) || host === '') return undefined

  const userInfo = authority?.[1] === undefined ? '' : `${escapes(authority[1])}@`
  const port = authority?.[3] ?? ''
  const path = withoutDotSegments(escapes(parts?.[3] ?? ''))
  return (
    `${scheme}://${userInfo}${escapes(host).toLowerCase()}` +
    // "no default port"
    (port === '' || port === DEFAULT_PORT[scheme] ? '' : `:${Number(port)}`) +
    path +
    (parts?.[4] === undefined ? '' : `?${escapes(parts[4])}`) +
    (parts?.[5] === undefined ? '' : `#${escapes(parts[5])}`)
  )
}

/** "no `%xx` of unreserved characters, upper-case hex digits"; what a URL cannot hold becomes `%XX`, a blank too. */
function escapes(part: string): string {
  return part
    .replace(/%([0-9a-fA-F]{2})/g, (escape, hex: string) => {
      const letter = String.fromCharCode(Number.parseInt(hex, 16))
      return /[A-Za-z0-9._~-]/.test(letter) ? letter : escape.toUpperCase()
    })
    .replace(/[^A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+/gu, (run) => encodeURIComponent(run))
}

/** "no dot segments" */
function withoutDotSegments(path: string): string {
  const segments = path.split('/')
  if (!segments.some((segment) => segment === '.' || segment === '..')) return path
  const kept: string[] = []
  for (const [at, segment] of segments.entries()) {
    const last = at === segments.length - 1
    if (segment === '..' && kept.length > 1) kept.pop()
    if (segment === '.' || segment === '..') {
      if (last) kept.push('')
    } else kept.push(segment)
  }
  return kept.join('/')
}
