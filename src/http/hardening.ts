import { currentHardening } from '../operations/access/hardening.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { HttpContext } from './context.ts'
import { normalizedPath } from './path.ts'

/** privacyIDEA's error in place of the specific one. Source: docs/protocol.md, "Phone answer". */
const PHONE_ERROR = { code: -311, message: 'Failed special token function' }

/** Applies the hardening policies to the response. Runs after every route, so that none can forget it. */
export async function applyHardening(c: HttpContext): Promise<void> {
  if (c.var.isPassed === true) return
  const policy = currentHardening(c.get('ports'), c.get('source'))
  if (policy === undefined) return
  const path = normalizedPath(c.get('url'))
  const { status } = c.res
  const isRefused = status >= 400 && status < 500
  const hidesStatus = policy.hidesStatus && isRefused && /^\/(?:auth|validate)(?:\/|$)/.test(path)
  const hidesError = policy.hidesPhoneErrors && status >= 400 && path.startsWith('/ttype/')
  const hidesVersion = policy.hidesVersion && !(await isAuthenticated(c))
  if (!hidesStatus && !hidesError && !hidesVersion) return
  const isJson = c.res.headers.get('Content-Type')?.startsWith('application/json') === true
  const body = isJson ? rewriteBody(await c.res.text(), hidesVersion, hidesError) : c.res.body
  const headers = new Headers(c.res.headers)
  c.res = undefined
  c.res = new Response(body, { status: hidesStatus ? 401 : status, headers })
}

/** Applies `hide_version` to one event of a stream, whose response has started by the time `applyHardening` runs. */
export function hardenEvent(c: HttpContext, envelope: Envelope, isKnown: boolean): Partial<Envelope> {
  if (isKnown || currentHardening(c.get('ports'), c.get('source'))?.hidesVersion !== true) return envelope
  const { version: _, versionnumber: __, ...rest } = envelope
  return rest
}

/** Whether the caller has a credential that counts. */
export async function isAuthenticated(c: HttpContext): Promise<boolean> {
  const { credential: readCredential, refusal } = c.var
  const credential = await readCredential()
  return credential.ok && credential.value.kind !== 'none' && refusal?.reason.startsWith('authorization_') !== true
}

function rewriteBody(text: string, hidesVersion: boolean, hidesError: boolean): string {
  const { version, versionnumber, ...rest } = JSON.parse(text) as Record<string, unknown>
  const { result } = rest
  const hidden =
    hidesError && typeof result === 'object' ? { result: { ...result, error: PHONE_ERROR }, detail: null } : {}
  return JSON.stringify({ ...rest, ...(hidesVersion ? {} : { version, versionnumber }), ...hidden })
}
