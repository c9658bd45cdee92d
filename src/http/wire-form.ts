import type { NamedToken, Seconds } from '../vocabulary.ts'

/** A refusal over HTTP: an error, or a rejected login, which is a 200 with `value: false`. */
export type WireForm =
  | {
      readonly kind: 'error'
      readonly status: Status
      readonly code: number
      readonly message: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'reject'; readonly message: string; readonly token?: NamedToken }

export type Status = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 429 | 500 | 501 | 503

export const errorForm = (
  status: Status,
  code: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): WireForm =>
  headers === undefined ? { kind: 'error', status, code, message } : { kind: 'error', status, code, message, headers }
/** Errors that the caller can correct have their code in the message. Source: docs/protocol.md, "Errors". */
export const badRequest = (code: number, message: string): WireForm => errorForm(400, code, `ERR${code}: ${message}`)
export const unauthorized = (code: number, message: string, headers?: Readonly<Record<string, string>>): WireForm =>
  errorForm(401, code, `Authentication failure. ${message}`, headers)
export const forbidden = (message: string): WireForm => errorForm(403, 303, message)
export const notFound = (message: string): WireForm => errorForm(404, 601, message)
/** @param after seconds until a retry may succeed. */
export const unavailable = (message: string, after?: Seconds): WireForm =>
  errorForm(503, 903, `ERR903: ${message}`, after === undefined ? undefined : { 'Retry-After': String(after) })
export const tooManyRequests = (after: Seconds): WireForm =>
  errorForm(429, 903, 'ERR903: Too many requests came from your network. Try again later.', {
    'Retry-After': String(after),
  })
export const rejectedLogin = (message: string, token?: NamedToken): WireForm =>
  token === undefined ? { kind: 'reject', message } : { kind: 'reject', message, token }
