const KEY_IN_PATH = /^\/s\/([^/]+)(\/.*)?$/

/** Strips repeated and trailing slashes and a leading `/s/<key>`, so that a route matches.
 *  Source: docs/protocol.md, "Paths and methods". */
export function normalizedPath({ pathname }: URL): string {
  const path = pathname.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  return KEY_IN_PATH.exec(path)?.[2] ?? path
}

/** The service key of `/s/<key>/…`, which plugins use that cannot send a header. */
export const serviceKeyInPath = ({ pathname }: URL): string | undefined =>
  KEY_IN_PATH.exec(pathname.replaceAll(/\/{2,}/g, '/'))?.[1]
