import { isObject, type Json } from './recording.ts'

/** Sends one HTTP request and reads its answer. */

export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, Json>>
  readonly bodyType?: 'form' | 'json' | 'raw' | null
  readonly body?: Json
}

export interface HttpResponse {
  readonly status: number
  /** Without parameters such as the character set. */
  readonly mediaType: string
  readonly headers: Headers
  readonly json?: Json
  readonly text?: string
}

const form = (fields: Readonly<Record<string, Json>>): string =>
  new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString()

function bodyOf({ bodyType, body }: HttpRequest): string | undefined {
  if (bodyType === 'form') return form(isObject(body) ? body : {})
  if (bodyType === 'json') return JSON.stringify(body)
  return typeof body === 'string' ? body : undefined
}

const CONTENT_TYPES = { form: 'application/x-www-form-urlencoded', json: 'application/json', raw: 'text/plain' }

export async function send(baseUrl: string, request: HttpRequest): Promise<HttpResponse> {
  const query = request.query && Object.keys(request.query).length > 0 ? `?${form(request.query)}` : ''
  const body = bodyOf(request)
  const typed: Record<string, string> = request.bodyType ? { 'Content-Type': CONTENT_TYPES[request.bodyType] } : {}
  const response = await fetch(`${baseUrl}${request.path}${query}`, {
    method: request.method,
    headers: { ...typed, ...request.headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
  const frame = { status: response.status, mediaType, headers: response.headers }
  return mediaType === 'application/json' ? { ...frame, json: JSON.parse(text) as Json } : { ...frame, text }
}
