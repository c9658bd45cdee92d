import { mergeParameters, type Parameters, parseForm, parseQuery, undoDoubleEncoding } from '../protocol/parameters.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { readInTime } from './body-limit.ts'
import type { HttpContext } from './context.ts'

/** Reads the request's parameters into one flat map: query over form, JSON over both, path over all.
 *  Refuses: `body_unreadable`. Source: docs/protocol.md, "Parameters". */
export async function readParameters(c: HttpContext): Promise<Outcome<Parameters>> {
  const { userAgent } = c.get('source')
  const body = await bodyOf(c)
  if (!body.ok) return body
  const { form, json } = body.value
  return done(
    mergeParameters({
      form: undoDoubleEncoding(form ?? {}, userAgent),
      query: undoDoubleEncoding(parseQuery(c.get('url').search), userAgent),
      json,
      path: undoDoubleEncoding(c.req.param(), userAgent),
    }),
  )
}

const utf8 = new TextDecoder()

type Body = { readonly form?: Parameters; readonly json?: Parameters }

async function bodyOf(c: HttpContext): Promise<Outcome<Body>> {
  if (c.req.method === 'GET') return done({})
  const type = (c.req.header('Content-Type') ?? '').toLowerCase()
  if (type.startsWith('multipart/form-data')) return multipart(c)
  // Not `text()`: workerd logs a warning each time it reads a form as text.
  const bytes = await readInTime(c.req.raw.arrayBuffer())
  if (!bytes.ok) return bytes
  const text = utf8.decode(bytes.value)
  if (type.startsWith('application/x-www-form-urlencoded')) return done({ form: parseForm(text) })
  if (text.trim() === '') return done({})
  const json = jsonObject(text)
  if (json !== undefined) return done({ json })
  return type.startsWith('application/json') ? refuse({ reason: 'body_unreadable' }) : done({ form: parseForm(text) })
}

/** Reads a multipart form, which the PHP client sends. A file counts as its text. */
async function multipart(c: HttpContext): Promise<Outcome<Body>> {
  const parts = await readInTime(c.req.formData())
  if (!parts.ok) return parts
  const fields = [...parts.value].map(async ([name, value]) => {
    return [name, typeof value === 'string' ? value : await value.text()] as const
  })
  return done({ form: Object.fromEntries(await Promise.all(fields)) })
}

function jsonObject(text: string): Parameters | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Parameters) : undefined
  } catch {
    return undefined
  }
}
