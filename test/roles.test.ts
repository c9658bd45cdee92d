/** The access of every kind of caller to every route. A route without a row fails, and so does a row without a route. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, now } from '../src/connect.ts'
import { makeRouter, makeApp, ROUTERS } from '../src/http/app.ts'
import { openApiDocument as descriptionOf } from '../src/http/openapi/document.ts'
import { pageRoutes } from '../src/http/pages.ts'
import { type Access, registeredRoutes } from '../src/http/route.ts'
import { issueApiToken } from '../src/protocol/administration/api-token.ts'
import { seconds } from '../src/vocabulary.ts'
import { enroll, openLogin, shard, valueOf } from './objects/world.ts'
import { Phone } from './simulation/phone.ts'
import type { Detail } from './simulation/reply.ts'

type Form = Readonly<Record<string, string>>

const person = { user: 'nobody', realm: 'roles' }
const ROWS: Readonly<Record<string, Access | readonly [Access, Form]>> = {
  'POST /auth': ['anyone', { username: 'nobody', password: 'x' }],
  // The unknown field keeps the callers below signed in: the caller is authorized before it is refused.
  'POST /auth/logout': ['session', { everywhere: '1' }],
  'POST /auth/phone': ['oneself', { more: '1' }],
  'POST /auth/break-glass': 'anyone',
  'GET /auth/rights': 'self',

  'GET /validate/check': ['check', { ...person, pass: 'x' }],
  'POST /validate/check': ['check', { ...person, pass: 'x' }],
  'GET /validate/radiuscheck': ['check', { ...person, pass: 'x' }],
  'POST /validate/radiuscheck': ['check', { ...person, pass: 'x' }],
  'GET /validate/triggerchallenge': ['trigger', person],
  'POST /validate/triggerchallenge': ['trigger', person],
  'GET /validate/polltransaction': ['anyone', { transaction_id: '1' }],
  'GET /validate/polltransaction/:transaction_id': 'anyone',

  'GET /transaction/:transaction_id': 'timeline',
  'GET /transaction/:transaction_id/receipt': 'timeline',
  'GET /transaction/:transaction_id/steps': 'timeline',
  'GET /transaction/:transaction_id/events': 'anyone',

  'GET /ttype/push': 'anyone',
  'POST /ttype/push': 'anyone',
  'GET /ttype/push/info': 'anyone',
  'GET /ttype/edupush': 'anyone',
  'POST /ttype/edupush': 'anyone',
  'GET /ttype/edupush/info': 'anyone',
  'GET /ttype/:type': 'anyone',
  'POST /ttype/:type': 'anyone',

  'GET /deployment/user-data': ['admin', { user: 'nobody', realm: 'roles' }],
  'POST /deployment/user-data/erase': ['admin', { user: 'nobody', realm: 'roles' }],
  'GET /deployment/lost-changes': 'admin',
  'GET /deployment/phones': 'admin',
  'GET /deployment/phones/far': 'admin',
  'GET /deployment/import': 'admin',
  'POST /deployment/import': 'admin',
  'POST /deployment/import/compare': 'admin',
  'POST /deployment/import/try': ['admin', { tokens: 'NOSUCH', challenge: '5d2ed5c046edb4165d2ed5c046edb416' }],
  'POST /deployment/export': ['admin', { recipient: 'AAAA' }],
  'GET /deployment/upstream': 'admin',
  'POST /deployment/upstream/realms/:realm': ['admin', { share: '20' }],
  'POST /deployment/phones/:serial/move': 'admin',
  'POST /deployment/lost-changes/acknowledge': ['admin', { epoch: '1' }],

  'GET /doctor': 'admin',
  'GET /invitation': 'helpdesk',
  'POST /invitation': ['helpdesk', { user: 'nobody', realm: 'roles' }],
  'DELETE /invitation/:id': 'helpdesk',
  'POST /invitation/look': ['anyone', { secret: 'x' }],
  'POST /invitation/begin': ['anyone', { secret: 'x' }],
  'POST /invitation/confirm': ['anyone', { secret: 'x' }],
  'POST /doctor/push': ['admin', { serial: 'NOSUCH' }],

  'GET /audit': 'self',
  'GET /audit/:file': 'helpdesk',

  'GET /token/challenges': 'helpdesk',
  'GET /token/challenges/:serial': 'helpdesk',
  'DELETE /token/challenges/expired': 'helpdesk',
  'DELETE /token/challenges/transaction/:transaction_id': 'helpdesk',

  'GET /token/bypass': 'helpdesk',
  'POST /token/bypass': ['helpdesk', { ...person, reason: 'lost phone' }],
  'DELETE /token/bypass/:id': 'helpdesk',

  'GET /deployment/keys/master': 'admin',
  'POST /deployment/keys/master/rotate': 'admin',

  'GET /token': 'self',
  'GET /token/search': 'helpdesk',
  'GET /token/:serial': 'self',
  'POST /token/init': ['self', { type: 'push', genkey: '1', serial: 'ROLES1' }],
  'POST /token/enable': ['self', { serial: 'NOSUCH' }],
  'POST /token/enable/:serial': 'self',
  'POST /token/disable': ['self', { serial: 'NOSUCH' }],
  'POST /token/disable/:serial': 'self',
  'POST /token/revoke': ['self', { serial: 'NOSUCH' }],
  'POST /token/revoke/:serial': 'self',
  'POST /token/reset': ['self', { serial: 'NOSUCH' }],
  'POST /token/reset/:serial': 'self',
  'POST /token/pause': ['self', { serial: 'NOSUCH', minutes: '5' }],
  'POST /token/pause/:serial': ['self', { minutes: '5' }],
  'POST /token/resume': ['self', { serial: 'NOSUCH' }],
  'POST /token/resume/:serial': 'self',
  'POST /token/setpin': ['self', { serial: 'NOSUCH', otppin: '1234' }],
  'POST /token/setpin/:serial': ['self', { otppin: '1234' }],
  'POST /token/setrandompin': ['self', { serial: 'NOSUCH' }],
  'POST /token/setrandompin/:serial': 'self',
  'POST /token/set': ['helpdesk', { serial: 'NOSUCH', max_failcount: '3' }],
  'POST /token/set/:serial': ['helpdesk', { max_failcount: '3' }],
  'POST /token/description': ['self', { serial: 'NOSUCH', description: 'x' }],
  'POST /token/description/:serial': ['self', { description: 'x' }],
  'POST /token/assign': ['self', { serial: 'NOSUCH', ...person }],
  'POST /token/unassign': ['self', { serial: 'NOSUCH' }],
  'POST /token/copypin': ['helpdesk', { from: 'NOSUCH', to: 'NOSUCH' }],
  'POST /token/copyuser': ['helpdesk', { from: 'NOSUCH', to: 'NOSUCH' }],
  'POST /token/lost/:serial': 'helpdesk',
  'POST /token/realm/:serial': ['helpdesk', { realms: 'roles' }],
  'POST /token/info/:serial/:key': ['helpdesk', { value: 'x' }],
  'DELETE /token/info/:serial/:key': 'helpdesk',
  'DELETE /token': ['self', { serials: 'NOSUCH' }],
  'DELETE /token/:serial': 'self',

  'GET /policy': 'admin',
  'POST /policy/enable/:name': 'admin',
  'POST /policy/disable/:name': 'admin',
  'GET /policy/defs': 'admin',
  'GET /policy/defs/:scope': 'admin',
  'GET /policy/check': ['admin', { ...person, scope: 'authentication', action: 'push_wait' }],
  'POST /policy/simulate': ['admin', person],
  'GET /policy/:name/history': 'admin',
  'POST /policy/:name/validate': ['admin', { scope: 'authentication', action: 'push_text_on_mobile=Hello' }],
  'GET /deployment/policies/changes': 'admin',
  'GET /deployment/policies/conflicts': 'admin',
  'GET /policy/export/:filename': 'admin',
  'POST /policy/import/:filename': ['admin', { file: '[roles]\nscope = user\naction = {}\nactive = False\n' }],
  'PATCH /policy/:old_name': ['admin', { name: 'renamed' }],
  'GET /policy/:name': 'admin',
  'POST /policy/:name': ['admin', { scope: 'authentication', action: 'push_text_on_mobile=Hello' }],
  'DELETE /policy/:name': 'admin',

  'GET /apikey': 'admin',
  'POST /apikey': ['admin', { name: 'roles', role: 'validate' }],
  'DELETE /apikey/:name': 'admin',
  'POST /deployment/audit/flush': 'admin',
  'POST /apikey/:name/rotate': 'admin',
  'GET /deployment/audit/head': 'admin',
  'GET /deployment/audit/records': 'admin',
  'GET /deployment/audit/links': 'admin',
  'GET /deployment/keys/api-token': 'admin',
  'POST /deployment/keys/api-token/rotate': 'admin',
  'GET /webhook': 'admin',
  'POST /webhook': ['admin', { name: 'roles', url: 'https://events.example.com/' }],
  'DELETE /webhook/:name': 'admin',
  'POST /webhook/:name/test': 'admin',
  'GET /.well-known/jwks.json': 'anyone',
  'GET /deployment/keys/webhook': 'admin',
  'POST /deployment/keys/webhook/rotate': 'admin',
  'GET /deployment/keys/signing': 'admin',
  'POST /deployment/keys/signing/rotate': 'admin',
  'DELETE /deployment/keys/signing/:id': 'admin',
  'GET /user': 'helpdesk',
  'POST /user': ['admin', person],
  'PUT /user': ['admin', person],
  'DELETE /user/:resolver/:user': 'admin',
  'GET /realm': 'helpdesk',
  'GET /realm/superuser': 'helpdesk',
  'POST /realm/:realm': 'admin',
  'DELETE /realm/:realm': 'admin',
  'GET /defaultrealm': 'helpdesk',
  'DELETE /defaultrealm': 'admin',
  'POST /defaultrealm/:realm': 'admin',
  'GET /resolver': 'helpdesk',
  'GET /resolver/:name': 'helpdesk',
  'POST /resolver/:name': 'admin',
  'DELETE /resolver/:name': 'admin',
  'GET /system': 'admin',
  'POST /system/setConfig': ['admin', { PushChallengeValidityTime: '120' }],
  'GET /system/:key': 'admin',
  'DELETE /system/:key': 'admin',

  'GET /administrator': 'admin',
  'POST /administrator': ['admin', { login: 'roles-one-more', password: 'long enough by far', role: 'admin' }],
  'POST /administrator/password': ['oneself', { password: 'wrong', new_password: 'long enough by far' }],
  'POST /administrator/phone-required/:login': ['admin', { required: '1' }],
  'POST /administrator/enable/:login': 'admin',
  'POST /administrator/disable/:login': 'admin',
  'DELETE /administrator/:login': 'admin',

  'GET /report/phones': 'helpdesk',
  'GET /report/overview': 'helpdesk',
  'GET /report/steps': 'helpdesk',
  'GET /report/logins': 'self',
  'POST /report/logins/:transaction_id/not-me': 'user',
  'GET /report/live': 'helpdesk',
  'GET /report/firewall': 'admin',
  'GET /report/slo': 'helpdesk',
  'GET /metrics': 'metrics',

  'GET /deployment/audit/archive': 'admin',
  'GET /deployment/audit/archive/:day/:part': 'admin',

  'GET /smsgateway': 'admin',
  'POST /smsgateway': 'admin',
  'GET /smsgateway/:name': 'admin',
  'DELETE /smsgateway/:name': 'admin',

  'GET /healthz': 'anyone',
  'GET /healthz/startupz': 'anyone',
  'GET /healthz/livez': 'anyone',
  'GET /healthz/readyz': 'anyone',
  'GET /openapi.json': 'anyone',
}

/** The right that a route needs, if policies of the scope admin apply. Routes without one need none. */
const RIGHTS: Readonly<Record<string, string>> = {
  'GET /validate/triggerchallenge': 'triggerchallenge',
  'POST /validate/triggerchallenge': 'triggerchallenge',
  'GET /audit': 'auditlog',
  'GET /audit/:file': 'auditlog_download',
  'GET /transaction/:transaction_id': 'timeline',
  'GET /transaction/:transaction_id/receipt': 'timeline',
  'GET /transaction/:transaction_id/steps': 'timeline',
  'GET /token/challenges': 'getchallenges',
  'GET /token/challenges/:serial': 'getchallenges',
  'DELETE /token/challenges/expired': 'cancelchallenge',
  'DELETE /token/challenges/transaction/:transaction_id': 'cancelchallenge',
  'GET /token/bypass': 'bypass_read',
  'POST /token/bypass': 'bypass_write',
  'DELETE /token/bypass/:id': 'bypass_write',
  'GET /report/phones': 'phones_read',
  'GET /report/overview': 'report_read',
  'GET /report/steps': 'report_read',
  'GET /report/logins': 'logins_read',
  'GET /report/live': 'logins_read',
  'GET /report/firewall': 'firewall_read',
  'GET /deployment/audit/archive': 'audit_archive',
  'GET /deployment/audit/archive/:day/:part': 'audit_archive',
  'GET /deployment/keys/master': 'keys_read',
  'POST /deployment/keys/master/rotate': 'keys_write',
  'GET /token': 'tokenlist',
  'GET /token/search': 'tokenlist',
  'GET /token/:serial': 'tokenlist',
  'POST /token/init': 'enrollPUSH',
  'POST /token/enable': 'enable',
  'POST /token/enable/:serial': 'enable',
  'POST /token/disable': 'disable',
  'POST /token/disable/:serial': 'disable',
  'POST /token/revoke': 'revoke',
  'POST /token/revoke/:serial': 'revoke',
  'POST /token/reset': 'reset',
  'POST /token/reset/:serial': 'reset',
  'POST /token/pause': 'pause_rings',
  'POST /token/pause/:serial': 'pause_rings',
  'POST /token/resume': 'pause_rings',
  'POST /token/resume/:serial': 'pause_rings',
  'POST /token/setpin': 'setpin',
  'POST /token/setpin/:serial': 'setpin',
  'POST /token/setrandompin': 'setrandompin',
  'POST /token/setrandompin/:serial': 'setrandompin',
  'POST /token/set': 'set',
  'POST /token/set/:serial': 'set',
  'POST /token/description': 'setdescription',
  'POST /token/description/:serial': 'setdescription',
  'POST /token/assign': 'assign',
  'POST /token/unassign': 'unassign',
  'POST /token/copypin': 'copytokenpin',
  'POST /token/copyuser': 'copytokenuser',
  'POST /token/lost/:serial': 'losttoken',
  'POST /token/realm/:serial': 'tokenrealms',
  'POST /token/info/:serial/:key': 'settokeninfo',
  'DELETE /token/info/:serial/:key': 'settokeninfo',
  'DELETE /token': 'delete',
  'DELETE /token/:serial': 'delete',
  'GET /policy': 'policyread',
  'POST /policy/enable/:name': 'policywrite',
  'POST /policy/disable/:name': 'policywrite',
  'GET /policy/defs': 'policyread',
  'GET /policy/defs/:scope': 'policyread',
  'GET /policy/check': 'policyread',
  'POST /policy/simulate': 'policyread',
  'GET /policy/:name/history': 'policyread',
  'POST /policy/:name/validate': 'policywrite',
  'GET /deployment/policies/changes': 'policyread',
  'GET /deployment/policies/conflicts': 'policyread',
  'GET /policy/export/:filename': 'policyread',
  'POST /policy/import/:filename': 'policywrite',
  'PATCH /policy/:old_name': 'policywrite',
  'GET /policy/:name': 'policyread',
  'POST /policy/:name': 'policywrite',
  'DELETE /policy/:name': 'policydelete',
  'GET /apikey': 'apikey_read',
  'POST /apikey': 'apikey_write',
  'DELETE /apikey/:name': 'apikey_write',
  'POST /deployment/audit/flush': 'audit_proof',
  'POST /apikey/:name/rotate': 'apikey_write',
  'GET /deployment/audit/head': 'audit_proof',
  'GET /deployment/audit/records': 'audit_proof',
  'GET /deployment/audit/links': 'audit_proof',
  'GET /deployment/user-data': 'userdata_read',
  'POST /deployment/user-data/erase': 'userdata_erase',
  'GET /doctor': 'configread',
  'GET /invitation': 'enrollPUSH',
  'POST /invitation': 'enrollPUSH',
  'DELETE /invitation/:id': 'enrollPUSH',
  'POST /doctor/push': 'configread',
  'GET /deployment/lost-changes': 'configread',
  'GET /deployment/phones': 'configread',
  'GET /deployment/phones/far': 'configread',
  'GET /deployment/import': 'configread',
  'POST /deployment/import': 'configwrite',
  'POST /deployment/import/compare': 'configread',
  'POST /deployment/import/try': 'configwrite',
  'POST /deployment/export': 'secrets_export',
  'GET /deployment/upstream': 'configread',
  'POST /deployment/upstream/realms/:realm': 'configwrite',
  'POST /deployment/phones/:serial/move': 'configwrite',
  'POST /deployment/lost-changes/acknowledge': 'configwrite',
  'GET /deployment/keys/api-token': 'keys_read',
  'POST /deployment/keys/api-token/rotate': 'keys_write',
  'GET /report/slo': 'report_read',
  'GET /metrics': 'metrics_read',
  'GET /webhook': 'webhook_read',
  'POST /webhook': 'webhook_write',
  'DELETE /webhook/:name': 'webhook_write',
  'POST /webhook/:name/test': 'webhook_write',
  'GET /deployment/keys/webhook': 'keys_read',
  'POST /deployment/keys/webhook/rotate': 'keys_write',
  'GET /deployment/keys/signing': 'keys_read',
  'POST /deployment/keys/signing/rotate': 'keys_write',
  'DELETE /deployment/keys/signing/:id': 'keys_write',
  'GET /user': 'userlist',
  'POST /user': 'adduser',
  'PUT /user': 'updateuser',
  'DELETE /user/:resolver/:user': 'deleteuser',
  'GET /realm': 'resolverread',
  'GET /realm/superuser': 'resolverread',
  'POST /realm/:realm': 'resolverwrite',
  'DELETE /realm/:realm': 'resolverdelete',
  'GET /defaultrealm': 'resolverread',
  'DELETE /defaultrealm': 'configdelete',
  'POST /defaultrealm/:realm': 'configwrite',
  'GET /resolver': 'resolverread',
  'GET /resolver/:name': 'resolverread',
  'POST /resolver/:name': 'resolverwrite',
  'DELETE /resolver/:name': 'resolverdelete',
  'GET /system': 'configread',
  'POST /system/setConfig': 'configwrite',
  'GET /system/:key': 'configread',
  'DELETE /system/:key': 'configdelete',
  'GET /administrator': 'administrator_read',
  'POST /administrator': 'administrator_write',
  'POST /administrator/phone-required/:login': 'administrator_write',
  'POST /administrator/enable/:login': 'administrator_write',
  'POST /administrator/disable/:login': 'administrator_write',
  'DELETE /administrator/:login': 'administrator_write',
  'GET /smsgateway': 'smsgateway_read',
  'POST /smsgateway': 'smsgateway_write',
  'GET /smsgateway/:name': 'smsgateway_read',
  'DELETE /smsgateway/:name': 'smsgateway_write',
}

const routes = ROUTERS.flatMap((room) => room.routes)
  .filter(({ method }) => method !== 'ALL')
  .map(({ method, path }) => `${method} ${path}`)

/** How a caller is refused; `in` is any other response. */
type Verdict = 'in' | '401/4033' | '401/4304' | '401/4305' | '401/4306' | '403/303'
type Caller = Readonly<Record<Access, Verdict>> & { readonly authorization: string; readonly inPath?: true }

const TOO_LITTLE = '401/4306'
const everything = {
  anyone: 'in',
  check: 'in',
  trigger: 'in',
  timeline: 'in',
  self: 'in',
  user: TOO_LITTLE,
  helpdesk: 'in',
  admin: 'in',
  metrics: 'in',
  oneself: 'in',
  session: 'in',
} as const
const HELPDESK = {
  ...everything,
  check: TOO_LITTLE,
  trigger: TOO_LITTLE,
  admin: TOO_LITTLE,
  metrics: TOO_LITTLE,
} as const
const VALIDATE = {
  ...everything,
  self: TOO_LITTLE,
  helpdesk: TOO_LITTLE,
  admin: TOO_LITTLE,
  metrics: TOO_LITTLE,
  oneself: TOO_LITTLE,
  session: TOO_LITTLE,
} as const
/** Users cannot check, and neither can the helpdesk: check is for services. */
const USER = { ...HELPDESK, user: 'in', timeline: TOO_LITTLE, helpdesk: TOO_LITTLE, oneself: TOO_LITTLE } as const
/** What a service key has not, whatever its role. */
const NO_SESSION = { oneself: TOO_LITTLE, session: TOO_LITTLE } as const
const shut = (verdict: Verdict) =>
  ({
    anyone: 'in',
    check: 'in',
    trigger: verdict,
    timeline: verdict,
    self: verdict,
    user: verdict,
    helpdesk: verdict,
    admin: verdict,
    metrics: verdict,
    oneself: verdict,
    session: verdict,
  }) as const
/** Reads metrics, and nothing else. */
const METRICS = { ...shut(TOO_LITTLE), check: TOO_LITTLE, metrics: 'in' } as const
/** The credential is readable, but its holder does not exist, or no longer. */
const VOID = { ...shut('401/4304'), check: '403/303' } as const

const callers = new Map<string, Caller>()
const KINDS = [
  'nobody',
  'a service key for validate',
  'the same in the path',
  'a service key for metrics',
  'a service key for metrics in the path',
  'a service key for helpdesk',
  'a service key for helpdesk in the path',
  'a service key for admin',
  'a service key for admin in the path',
  'a service key that was revoked',
  'a service key that was made up',
  'the first administrator',
  'another administrator',
  'the account of a plugin',
  'an administrator of the helpdesk',
  'an administrator who was deleted',
  'an administrator who is disabled',
  'a user who signed in by phone',
  'a user whose phone was disabled since',
  'an API token that has expired',
  'an API token with another signature',
  'an API token without a signature',
  'a user’s API token',
  'a user’s API token in the name of an administrator',
  'a user’s API token of another server',
  'an administrator’s API token of another server',
  'no token at all',
] as const

const apps = {
  allow: makeApp(connect, now),
  deny: makeApp(() => denying, now),
}
const denying = connect({ ...env, ANONYMOUS_CHECK: 'deny' })

async function ask(
  app: keyof typeof apps,
  method: string,
  path: string,
  { authorization = '', form }: { readonly authorization?: string; readonly form?: Form } = {},
): Promise<{ readonly status: number; readonly code: number | undefined; readonly value: unknown; detail: Detail }> {
  // In the query, which every method reads.
  const query = form === undefined ? '' : `?${new URLSearchParams(form).toString()}`
  const headers: Record<string, string> = authorization === '' ? {} : { Authorization: authorization }
  const request = new Request(`http://nod.test${path}${query}`, { method, headers })
  const ctx = createExecutionContext()
  const response = await apps[app](request, env, ctx)
  // A stream ends when nobody listens.
  const isStream = response.headers.get('Content-Type') === 'text/event-stream'
  const text = isStream ? ((await response.body?.cancel()) ?? 'events') : await response.text()
  await waitOnExecutionContext(ctx)
  const { status } = response
  // Radiuscheck answers by status alone; other responses that are not JSON are pages, events or files.
  if (text === '') return { status, code: { 401: 4306, 403: 303 }[status], value: undefined, detail: {} }
  if (response.headers.get('Content-Type')?.startsWith('application/json') !== true)
    return { status, code: undefined, value: undefined, detail: {} }
  const { result = {}, detail } = JSON.parse(text) as {
    result?: { value?: unknown; error?: { code: number } }
    detail?: Detail | null
  }
  return { status, code: result.error?.code, value: result.value, detail: detail ?? {} }
}

const EXAMPLES: Form = {
  ':transaction_id': '12345678901234567890',
  ':type': 'hotp',
  ':realm': 'roles',
  ':day': '2026-11-28',
  ':part': '1',
}

async function verdictOf(app: keyof typeof apps, route: string, caller: Caller): Promise<Verdict> {
  const [method = '', path = ''] = route.split(' ')
  const row = ROWS[route] ?? 'anyone'
  const filled = path.replaceAll(/:\w+/g, (name) => EXAMPLES[name] ?? 'nosuch')
  const { authorization, inPath } = caller
  const [prefix, header] = inPath === true ? [`/s/${authorization}`, ''] : ['', authorization]
  const form = typeof row === 'string' ? {} : { form: row[1] }
  const { status, code } = await ask(app, method, `${prefix}${filled}`, { authorization: header, ...form })
  expect(status, route).not.toBe(500)
  const said = `${status}/${code}`
  return /^401\/4(033|30\d)$|^403\/303$/.test(said) ? (said as Verdict) : 'in'
}

const accessOf = (route: string): Access => {
  const row = ROWS[route] ?? 'anyone'
  return typeof row === 'string' ? row : row[0]
}

beforeAll(async () => {
  const ports = await connect(env)
  const issue = async (lifetime: number) =>
    valueOf(await ports.credentials.issueAdministratorToken(ports.credentials.bootstrap, seconds(lifetime)))
  const first = await issue(3600)
  const administer = (method: string, path: string, form?: Form) =>
    ask('allow', method, path, { authorization: first, ...(form === undefined ? {} : { form }) })
  const key = async (name: string, role: string) => {
    const { value } = await administer('POST', '/apikey', { name, role })
    return typeof value === 'object' && value !== null && 'key' in value ? String(value.key) : ''
  }
  const administrator = async (login: string, role: string) => {
    await administer('POST', '/administrator', { login, password: `password of ${login}`, role })
    const { value } = await ask('allow', 'POST', '/auth', {
      form: { username: login, password: `password of ${login}` },
    })
    return typeof value === 'object' && value !== null && 'token' in value ? String(value.token) : ''
  }
  const strange = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  if (!('type' in strange)) throw new Error('not one key')
  const [current] = valueOf(await ports.deployment.reload()).apiTokenKeys.values()
  if (current?.opened === undefined) throw new Error('no key')
  const { key: apiToken, bootstrapGeneration: generation } = current.opened
  const { id } = current
  const tokenOf = (signer: CryptoKey, username: string, role: 'admin' | 'user') => {
    const claims = { username, realm: 'sales', role, rights: [], nonce: '0'.repeat(40), generation }
    return issueApiToken({ id, key: signer }, claims, now(), seconds(3600))
  }
  // Nod issues no such token, so the test signs it with the key of administrators' tokens.
  const [header = '', claims = '', signature = ''] = first.split('.')
  const unsigned = `${btoa('{"alg":"none","typ":"JWT"}').replace(/=+$/, '')}.${claims}.`

  const validate = await key('validate', 'validate')
  const metricsKey = await key('metrics', 'metrics')
  const revoked = await key('revoked', 'admin')
  await administer('DELETE', '/apikey/revoked')
  const deleted = await administrator('deleted', 'admin')
  await administer('DELETE', '/administrator/deleted')
  const disabled = await administrator('disabled', 'admin')
  await administer('POST', '/administrator/disable/disabled')

  /** Signs in by PIN and phone, as users do. */
  const user = async (login: string, serial: string) => {
    const who = { user: login, realm: 'roles' }
    const phone = new Phone({ fetch: (request) => Promise.resolve(apps.allow(request, env, createExecutionContext())) })
    const { detail } = await administer('POST', '/token/init', { type: 'push', genkey: '1', serial, ...who })
    await phone.register(phone.scan(detail.pushurl?.value ?? ''))
    const signIn = (more: Form) =>
      ask('allow', 'POST', '/auth', { form: { username: login, realm: 'roles', password: '', ...more } })
    const opened = await signIn({})
    const [prompt] = await phone.poll()
    if (prompt === undefined) throw new Error('no prompt came')
    await phone.accept(prompt)
    const { value } = await signIn({ transaction_id: opened.detail.transaction_id ?? '' })
    return typeof value === 'object' && value !== null && 'token' in value ? String(value.token) : ''
  }
  const enrollment = 'push_firebase_configuration=poll only, push_registration_url=http://nod.test/ttype/push'
  await administer('POST', '/policy/enroll', { scope: 'enrollment', action: enrollment })
  // A policy can only name existing realms.
  await administer('POST', '/realm/roles', {})
  await administer('POST', '/user', { user: 'uma', realm: 'roles' })
  await administer('POST', '/policy/users-sign-in', {
    scope: 'webui',
    action: 'login_mode=privacyIDEA',
    realm: 'roles',
  })
  const signedIn = await user('uma', 'ROLESPHONE1')
  const gone = await user('vera', 'ROLESPHONE2')
  await administer('POST', '/token/disable/ROLESPHONE2')

  const [helpKey, adminKey] = [await key('help', 'helpdesk'), await key('all', 'admin')]
  const made: Readonly<Record<(typeof KINDS)[number], Caller>> = {
    nobody: { ...shut('401/4033'), authorization: '' },
    'a service key for validate': { ...VALIDATE, authorization: validate },
    'the same in the path': { ...VALIDATE, authorization: validate, inPath: true },
    'a service key for metrics': { ...METRICS, authorization: metricsKey },
    'a service key for metrics in the path': { ...VOID, authorization: metricsKey, inPath: true },
    'a service key for helpdesk': { ...HELPDESK, ...NO_SESSION, authorization: helpKey },
    'a service key for helpdesk in the path': { ...VOID, authorization: helpKey, inPath: true },
    'a service key for admin': { ...everything, ...NO_SESSION, authorization: adminKey },
    'a service key for admin in the path': { ...VOID, authorization: adminKey, inPath: true },
    'a service key that was revoked': { ...VOID, authorization: revoked },
    'a service key that was made up': { ...VOID, authorization: `nod_${'A'.repeat(43)}` },
    'the first administrator': { ...everything, authorization: first },
    'another administrator': { ...everything, authorization: await administrator('other', 'admin') },
    'the account of a plugin': { ...VALIDATE, session: 'in', authorization: await administrator('plugin', 'validate') },
    'an administrator of the helpdesk': { ...HELPDESK, authorization: await administrator('helper', 'helpdesk') },
    'an administrator who was deleted': { ...VOID, authorization: deleted },
    'an administrator who is disabled': { ...VOID, authorization: disabled },
    'a user who signed in by phone': { ...USER, authorization: signedIn },
    'a user whose phone was disabled since': {
      ...shut('401/4304'),
      check: TOO_LITTLE,
      trigger: TOO_LITTLE,
      authorization: gone,
    },
    'an API token that has expired': {
      ...shut('401/4305'),
      authorization: await issue(-1),
    },
    'an API token with another signature': {
      ...shut('401/4304'),
      authorization: `${header}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    },
    'an API token without a signature': { ...shut('401/4304'), authorization: unsigned },
    'a user’s API token': { ...shut('401/4304'), authorization: await tokenOf(apiToken, 'ada', 'user') },
    'a user’s API token in the name of an administrator': {
      ...shut('401/4304'),
      authorization: await tokenOf(apiToken, ports.credentials.bootstrap.login, 'user'),
    },
    'a user’s API token of another server': {
      ...shut('401/4304'),
      authorization: await tokenOf(strange, 'ada', 'user'),
    },
    'an administrator’s API token of another server': {
      ...shut('401/4304'),
      authorization: await tokenOf(strange, ports.credentials.bootstrap.login, 'admin'),
    },
    'no token at all': { ...shut('401/4304'), authorization: 'let me in' },
  }
  for (const kind of KINDS) callers.set(kind, made[kind])
  // Every credential that should be accepted was issued.
  expect(KINDS.filter((kind) => kind !== 'nobody' && made[kind].authorization === '')).toEqual([])
})

it('has a row for every route, and a route for every row', () => {
  expect(routes.length).toBeGreaterThan(50)
  expect(Object.keys(ROWS).toSorted()).toEqual(routes.toSorted())
})

describe('the description of a route', () => {
  const declared = registeredRoutes(ROUTERS)

  it('is in the OpenAPI document, and no route is without one', () => {
    // The pages of the console are no part of the API.
    const pages = new Set(pageRoutes.routes.map(({ path }) => path))
    const served = makeRouter(connect, now).routes.filter(({ method, path }) => method !== 'ALL' && !pages.has(path))
    const described = Object.entries(descriptionOf(declared).paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    )
    // Where methods name a segment differently, the description uses the name of the first.
    const paths = served.map(({ method, path }) => `${method} ${path.replace(':old_name', ':name')}`)
    expect(described.toSorted()).toEqual(paths.toSorted())
  })

  it('has the access of the table, which the tests below try', () => {
    expect(
      Object.fromEntries(
        declared.map(({ method, path, handler }) => [`${method} ${path}`, handler.description.access]),
      ),
    ).toEqual(Object.fromEntries(routes.map((route) => [route, accessOf(route)])))
  })

  it('has a field for each segment of its path', () => {
    for (const { path, handler } of declared) {
      for (const [, name = ''] of path.matchAll(/:(\w+)/g)) {
        for (const schema of Object.values(handler.description.parser.schemas))
          expect(Object.keys(schema.shape), path).toContain(name)
      }
    }
  })
})

describe.each(KINDS)('%s', (kind) => {
  it('is accepted where the table says so, and nowhere else', async () => {
    const caller = callers.get(kind)
    if (caller === undefined) throw new Error(`no such caller: ${kind}`)
    const found: Record<string, Verdict> = {}
    for (const route of routes) found[route] = await verdictOf('allow', route, caller)
    expect(found).toEqual(Object.fromEntries(routes.map((route) => [route, caller[accessOf(route)]])))
  })

  it('can check a PIN without ANONYMOUS_CHECK only as an administrator or a service', async () => {
    const caller = callers.get(kind)
    if (caller === undefined) throw new Error(`no such caller: ${kind}`)
    // The helpdesk is told which role is missing; strangers get one message.
    const wanted = caller.trigger === 'in' || caller.trigger === TOO_LITTLE ? caller.trigger : '403/303'
    for (const method of ['GET', 'POST'])
      expect(await verdictOf('deny', `${method} /validate/check`, caller)).toBe(wanted)
  })
})

describe('an administrator restricted by policy', () => {
  const of = (kind: (typeof KINDS)[number]): Caller => {
    const caller = callers.get(kind)
    if (caller === undefined) throw new Error(`no such caller: ${kind}`)
    return caller
  }
  const administer = (method: string, path: string, form?: Form) =>
    ask('allow', method, path, {
      authorization: of('the first administrator').authorization,
      ...(form === undefined ? {} : { form }),
    })
  const grant = (action: string) =>
    administer('POST', '/policy/roles-other', { scope: 'admin', action, adminuser: 'other' })

  beforeAll(async () => {
    await administer('POST', '/policy/roles-first', { scope: 'admin', action: '*', adminuser: 'admin' })
  })
  afterAll(async () => {
    await administer('DELETE', '/policy/roles-other')
    await administer('DELETE', '/policy/roles-first')
  })

  it('needs a right for every route of administrators', () => {
    const governed = routes.filter(
      (route) => !['anyone', 'check', 'user', 'oneself', 'session'].includes(accessOf(route)),
    )
    // Every caller may list its own rights.
    expect(Object.keys(RIGHTS).toSorted()).toEqual(governed.filter((route) => route !== 'GET /auth/rights').toSorted())
  })

  it('without rights is refused by every route that needs one', async () => {
    const found: Record<string, Verdict> = {}
    for (const route of routes) found[route] = await verdictOf('allow', route, of('another administrator'))
    const expected = (route: string): Verdict => {
      if (accessOf(route) === 'user') return TOO_LITTLE
      return route in RIGHTS ? '403/303' : 'in'
    }
    expect(found).toEqual(Object.fromEntries(routes.map((route) => [route, expected(route)])))
  })

  it('is accepted with the right of the table', async () => {
    const found: Record<string, Verdict> = {}
    for (const [route, right] of Object.entries(RIGHTS)) {
      expect((await grant(right)).status, right).toBe(200)
      found[route] = await verdictOf('allow', route, of('another administrator'))
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(RIGHTS).map((route) => [route, 'in'])))
  })

  it('is refused with the right but another role', async () => {
    await administer('POST', '/policy/roles-other', { scope: 'admin', action: '*', adminuser: 'other, helper' })
    const helper = of('an administrator of the helpdesk')
    const found: Record<string, Verdict> = {}
    for (const route of routes) found[route] = await verdictOf('allow', route, helper)
    expect(found).toEqual(Object.fromEntries(routes.map((route) => [route, helper[accessOf(route)]])))
  })

  it.each(['a service key for validate', 'a service key for metrics'] as const)('does not affect %s', async (kind) => {
    const service = of(kind)
    const found: Record<string, Verdict> = {}
    for (const route of routes) found[route] = await verdictOf('allow', route, service)
    expect(found).toEqual(Object.fromEntries(routes.map((route) => [route, service[accessOf(route)]])))
  })
})

it('the API token of a deleted administrator finalizes no login', async () => {
  const phone = await enroll('PIPUROLES001')
  const login = await openLogin(31, [phone])
  await shard(31).answer({ id: login.id, answer: await login.say(phone.serial) })
  const form = { user: 'ada', pass: '', transaction_id: login.id }
  const finalize = (kind: (typeof KINDS)[number]) =>
    ask('deny', 'POST', '/validate/check', { authorization: callers.get(kind)?.authorization ?? '', form })
  for (const kind of ['an administrator who was deleted', 'an administrator of the helpdesk'] as const)
    expect(await finalize(kind)).toMatchObject({ status: 403, code: 303 })
  expect(await finalize('another administrator')).toMatchObject({ status: 200, value: true })
})
