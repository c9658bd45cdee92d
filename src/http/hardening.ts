import { currentHardening } from '../operations/access/hardening.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { HttpContext } from './context.ts'
import { normalizedPath } from './path.ts'

/** The words of privacyIDEA for every error a phone is not told of. Source: docs/protocol.md, "Phone answer". */
const PHONE_ERROR = { code: -311, message: 'Failed special token function' }

/** The answer, as policies want it to be told: done after everything else, so that no route can forget it. */
export async function applyHardening(c: HttpContext): Promise<void> {
  const rules = currentHardening(c.var.ports, c.var.source)
  if (rules === undefined) return
  const path = normalizedPath(c.var.url)
  const { status } = c.res
  const failed = status >= 400 && status < 500
  const hidesStatus = rules.hidesStatus && failed && /^\/(?:auth|validate)(?:\/|$)/.test(path)
  const hidesError = rules.hidesPhoneErrors && status >= 400 && path.startsWith('/ttype/')
  const hidesVersion = rules.hidesVersion && isStranger(c)
  if (!hidesStatus && !hidesError && !hidesVersion) return
  const isJson = c.res.headers.get('Content-Type')?.startsWith('application/json') === true
  const body = isJson ? rewritten(await c.res.text(), hidesVersion, hidesError) : c.res.body
  const headers = new Headers(c.res.headers)
  c.res = undefined
  c.res = new Response(body, { status: hidesStatus ? 401 : status, headers })
}

/** What is told in a stream, which has begun by the time `harden` sees it. */
export function hardenEvent(c: HttpContext, part: Envelope): Partial<Envelope> {
  if (currentHardening(c.var.ports, c.var.source)?.hidesVersion !== true || !isStranger(c)) return part
  const { version: _, versionnumber: __, ...rest } = part
  return rest
}

/** Whoever is not signed in, or only says so. */
function isStranger(c: HttpContext): boolean {
  const { credential, refusal } = c.var
  return !credential.ok || credential.value.kind === 'none' || refusal?.reason.startsWith('authorization_') === true
}

function rewritten(text: string, hidesVersion: boolean, hidesError: boolean): string {
  const { version, versionnumber, ...rest } = JSON.parse(text) as Record<string, unknown>
  const { result } = rest
  const hidden =
    hidesError && typeof result === 'object' ? { result: { ...result, error: PHONE_ERROR }, detail: null } : {}
  return JSON.stringify({ ...rest, ...(hidesVersion ? {} : { version, versionnumber }), ...hidden })
}
