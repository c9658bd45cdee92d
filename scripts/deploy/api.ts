/** Reads from Cloudflare's API, with wrangler's credential. Whatever changes something is done by wrangler itself. */
import { z } from 'zod'
import { quietEnvironment, runNode, Fault, wrangler } from '../lib/tools.mjs'

const DEFAULT_BASE = 'https://api.cloudflare.com/client/v4'
const TIMEOUT_MS = 30_000
const SIGN_IN =
  '`npx wrangler login`, or set CLOUDFLARE_API_TOKEN (docs/operating.md, "Deploy") and CLOUDFLARE_ACCOUNT_ID'

/** Cloudflare's codes for: no such thing. */
const NOT_FOUND = [7404, 10_006, 10_007, 10_090]
const NOT_AUTHORIZED = [10_000, 9109, 9106, 6003, 6111]

const envelopeSchema = z.object({
  success: z.boolean(),
  result: z.unknown(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
})
const credentialSchema = z.union([
  z.object({ type: z.literal('api_key'), key: z.string(), email: z.string() }),
  z.object({ token: z.string() }),
])
const accountsSchema = z.array(z.object({ id: z.string(), name: z.string() }))

export class CloudflareApi {
  readonly account: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #base: string

  private constructor(base: string, headers: Readonly<Record<string, string>>, account: string) {
    this.#base = base
    this.#headers = headers
    this.account = account
  }

  /** Signs in as wrangler does. Throws a Fault without a credential, or with one of several accounts of which none is chosen. */
  static async open(account: string | undefined, env: NodeJS.ProcessEnv = process.env): Promise<CloudflareApi> {
    const base = (env['CLOUDFLARE_API_BASE_URL'] ?? DEFAULT_BASE).replace(/\/+$/, '')
    const headers = await credential(env)
    const chosen = env['CLOUDFLARE_ACCOUNT_ID'] || account
    if (chosen) return new CloudflareApi(base, headers, chosen)
    const unchosen = new CloudflareApi(base, headers, '')
    const accounts = accountsSchema.parse(await unchosen.read('/accounts', { isOfAccount: false }))
    const [only, ...others] = accounts
    if (only !== undefined && others.length === 0) return new CloudflareApi(base, headers, only.id)
    if (only === undefined) throw new Fault(`The credential of Cloudflare has no account: ${SIGN_IN}`)
    throw new Fault(
      `The credential has ${accounts.length} accounts. Choose one and run this again:\n${accounts.map(({ id, name }) => `  export CLOUDFLARE_ACCOUNT_ID=${id}   # ${name}`).join('\n')}`,
    )
  }

  /** Returns what stands at a path of the account; undefined for what there is not. Throws a Fault. */
  async find(path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const { errors, result } = await this.#request(`/accounts/${this.account}${path}`, { headers })
    if (errors.some(({ code }) => NOT_FOUND.includes(code))) return undefined
    return this.#expect(path, errors, result)
  }

  /** Returns what stands at a path. Throws a Fault. */
  async read(path: string, { isOfAccount = true } = {}): Promise<unknown> {
    const { errors, result } = await this.#request(isOfAccount ? `/accounts/${this.account}${path}` : path)
    return this.#expect(path, errors, result)
  }

  /** Runs a statement that only reads, and returns its rows; undefined if the database refuses it. */
  async query(database: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
    const path = `/accounts/${this.account}/d1/database/${database}/query`
    const body = JSON.stringify({ sql })
    const { errors, result } = await this.#request(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    if (errors.some(({ message }) => /no such (?:table|column)/.test(message))) return undefined
    const rows = z.array(z.object({ results: z.array(z.record(z.string(), z.unknown())) }))
    return rows.parse(this.#expect(path, errors, result))[0]?.results ?? []
  }

  #expect(path: string, errors: readonly { code: number; message: string }[], result: unknown): unknown {
    const [first] = errors
    if (first === undefined) return result
    if (NOT_AUTHORIZED.includes(first.code))
      throw new Fault(
        `Cloudflare refuses the credential for ${path} of the account ${this.account || '(none)'}: ${first.message} (${first.code}). Check CLOUDFLARE_ACCOUNT_ID and the permissions of CLOUDFLARE_API_TOKEN, or sign in: ${SIGN_IN}`,
      )
    throw new Fault(`Cloudflare refuses ${path}: ${first.message} (${first.code})`)
  }

  async #request(path: string, init: RequestInit = {}) {
    const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) }
    try {
      const response = await fetch(`${this.#base}${path}`, {
        ...init,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const read = envelopeSchema.parse(await response.json())
      const errors =
        read.errors.length > 0 || read.success ? read.errors : [{ code: response.status, message: 'no reason' }]
      return { errors, result: read.result }
    } catch (error) {
      throw new Fault(
        `Cloudflare does not answer ${path}: ${error instanceof Error ? error.message : String(error)}. Try again; https://www.cloudflarestatus.com/`,
      )
    }
  }
}

async function credential(env: NodeJS.ProcessEnv): Promise<Readonly<Record<string, string>>> {
  if (env['CLOUDFLARE_API_TOKEN']) return { authorization: `Bearer ${env['CLOUDFLARE_API_TOKEN']}` }
  const { code, stdout } = await runNode([wrangler, 'auth', 'token', '--json'], {
    env: { ...quietEnvironment(), ...env },
  })
  if (code !== 0) throw new Fault(`Nobody is signed in at Cloudflare: ${SIGN_IN}`)
  const read = credentialSchema.parse(JSON.parse(stdout))
  return 'token' in read
    ? { authorization: `Bearer ${read.token}` }
    : { 'x-auth-key': read.key, 'x-auth-email': read.email }
}
