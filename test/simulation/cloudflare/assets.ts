/** Static assets: a session names the files that the account lacks, they are uploaded, and the token that completes the session goes
 *  with the version. Source: wrangler, deploy-helpers/src/deploy/helpers/assets.ts. */
import { randomUUID } from 'node:crypto'
import { ApiError, type Call, formOf, jsonOf, UNNAMED } from './api.ts'

type Manifest = Readonly<Record<string, { readonly hash: string; readonly size: number }>>

interface Session {
  readonly manifest: Manifest
  readonly missing: Set<string>
}

const token = (claims: object): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ ...claims, exp: Math.floor(Date.now() / 1000) + 3600 })}.standin`
}

export class Assets {
  readonly #files = new Map<string, Buffer>()
  readonly #sessions = new Map<string, Session>()
  readonly #completed = new Map<string, Manifest>()

  /** `POST …/assets-upload-session` */
  begin(call: Call): unknown {
    const { manifest } = jsonOf(call) as { manifest: Manifest }
    const missing = new Set(Object.values(manifest).flatMap(({ hash }) => (this.#files.has(hash) ? [] : [hash])))
    if (missing.size === 0) return { jwt: this.#complete(manifest), buckets: [] }
    const jwt = token({ session: randomUUID() })
    this.#sessions.set(jwt, { manifest, missing })
    return { jwt, buckets: [[...missing]] }
  }

  /** `POST workers/assets/upload`, with the session's token in place of the account's. */
  async upload(call: Call): Promise<unknown> {
    const session = this.#sessions.get(call.authorization.replace(/^Bearer /, ''))
    if (session === undefined) throw new ApiError(403, 10_000, 'Authentication error')
    const form = await formOf(call)
    for (const [hash, file] of form) {
      if (!session.missing.has(hash)) throw new ApiError(400, UNNAMED, `The manifest has no file ${hash}`)
      const text = typeof file === 'string' ? file : await file.text()
      this.#files.set(hash, Buffer.from(text, 'base64'))
      session.missing.delete(hash)
    }
    return session.missing.size === 0 ? { jwt: this.#complete(session.manifest) } : {}
  }

  /** The files of a completed session, by path. */
  filesOf(jwt: string): ReadonlyMap<string, Buffer> {
    const manifest = this.#completed.get(jwt)
    if (manifest === undefined)
      throw new ApiError(400, UNNAMED, 'The token of the assets is not one of a completed upload')
    const file = (hash: string): Buffer => this.#files.get(hash) ?? Buffer.alloc(0)
    return new Map(Object.entries(manifest).map(([path, { hash }]) => [path, file(hash)]))
  }

  #complete(manifest: Manifest): string {
    const jwt = token({ completed: randomUUID() })
    this.#completed.set(jwt, manifest)
    return jwt
  }
}
