import type { Named, Seconds } from '../vocabulary.ts'

/** How a refusal leaves: as an error, or as a login that goes no further. */
export type Wire =
  | {
      readonly kind: 'error'
      readonly status: Status
      readonly code: number
      readonly message: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'reject'; readonly message: string; readonly token?: Named }

export type Status = 400 | 401 | 403 | 404 | 405 | 413 | 500 | 501 | 503

export const error = (
  status: Status,
  code: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): Wire =>
  headers === undefined ? { kind: 'error', status, code, message } : { kind: 'error', status, code, message, headers }
/** privacyIDEA writes the code in front of what is the caller's to mend. Source: contract 1.4. */
export const bad = (code: number, message: string): Wire => error(400, code, `ERR${code}: ${message}`)
export const unauthorized = (code: number, message: string, headers?: Readonly<Record<string, string>>): Wire =>
  error(401, code, `Authentication failure. ${message}`, headers)
export const forbidden = (message: string): Wire => error(403, 303, message)
export const absent = (message: string): Wire => error(404, 601, message)
/** `after`: when it may be otherwise. */
export const unavailable = (message: string, after?: Seconds): Wire =>
  error(503, 903, `ERR903: ${message}`, after === undefined ? undefined : { 'Retry-After': String(after) })
export const reject = (message: string, token?: Named): Wire =>
  token === undefined ? { kind: 'reject', message } : { kind: 'reject', message, token }
