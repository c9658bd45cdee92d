/** What the parts of the simulated API share: a call, an error, and how a body is read. */

/** One call of Cloudflare's API, below `/client/v4/accounts/<account>` or `/client/v4`. */
export interface Call {
  readonly method: string
  /** The path below the prefix, without a leading slash. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer
  readonly type: string
  /** The value of `Authorization`. */
  readonly authorization: string
}

/** An answer that is no success: status, Cloudflare's code and its words. */
export class ApiError extends Error {
  readonly status: number
  readonly code: number
  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** For refusals whose code wrangler's source does not name. The number is made up. */
export const UNNAMED = 10_999

export const noRoute = ({ method, path }: Pick<Call, 'method' | 'path'>): ApiError =>
  new ApiError(404, 7000, `No route for that URI (${method} ${path})`)

// oxlint-disable-next-line typescript/no-explicit-any -- what a caller sends is what its type says, or the test fails
export const jsonOf = ({ body }: Call): any => JSON.parse(body.toString())

export const formOf = ({ body, type }: Call): Promise<FormData> =>
  new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()

export const isUuid = (text: string): boolean => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(text)

/** A database id that only stands in for one, as in a wrangler.toml that was never deployed. */
export const PLACEHOLDER = '00000000-0000-0000-0000-000000000000'
