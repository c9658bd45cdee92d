const KEY_IN_PATH = /^\/s\/([^/]+)(\/.*)?$/

/** The path as routes know it: doubled and trailing slashes gone, and a service key in front of it. Source: docs/protocol.md, "Parameters". */
export function normalizedPath({ pathname }: URL): string {
  const path = pathname.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  return KEY_IN_PATH.exec(path)?.[2] ?? path
}

/** The key in `/s/<key>/…`, for a plugin that can send no header. */
export const serviceKeyInPath = ({ pathname }: URL): string | undefined =>
  KEY_IN_PATH.exec(pathname.replaceAll(/\/{2,}/g, '/'))?.[1]
