/** Every path of Nod, and the check that a response is well-formed. */
import { expect } from 'vitest'
import { fields } from '../simulation/reply.ts'
import { url } from './scene.ts'

const PHONE_FIELDS = {
  serial: 'NOSUCH',
  timestamp: '2026-01-01T00:00:00Z',
  signature: 'AAAA',
  capabilities: '[]',
  nonce: 'x',
  decline: '1',
  decline_reason: 'x',
  presence_answer: 'x',
  fbtoken: 'x',
  pubkey: 'x',
  enrollment_credential: 'x',
  new_fb_token: 'x',
}

/** Every path, its methods, and fields with which a request has an effect. */
export const PATHS: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {
  '/auth': ['POST', { username: 'nobody', password: 'wrong' }],
  '/auth/rights': ['GET', {}],
  '/auth/logout': ['POST', {}],
  '/auth/phone': ['POST', {}],
  '/auth/break-glass': ['POST', { username: 'nobody', password: 'wrong', secret: 'wrong' }],
  '/validate/check': [
    'GET, POST',
    {
      user: 'ada',
      realm: 'strangers',
      serial: 'NOSUCH',
      pass: '1',
      transaction_id: '1',
      state: '1',
      exception: '0',
      client: '127.0.0.1',
      type: 'push',
    },
  ],
  '/validate/triggerchallenge': [
    'GET, POST',
    { user: 'ada', realm: 'strangers', serial: 'NOSUCH', exception: '0', client: '127.0.0.1', type: 'push' },
  ],
  '/validate/polltransaction': ['GET', { transaction_id: '1', wait: '0' }],
  '/validate/polltransaction/1': ['GET', { wait: '0' }],
  '/ttype/push': ['GET, POST', PHONE_FIELDS],
  '/ttype/edupush': ['GET, POST', PHONE_FIELDS],
  '/token/challenges': [
    'GET',
    {
      serial: 'NOSUCH',
      user: '',
      realm: 'nowhere',
      transaction_id: '1*',
      sortby: 'timestamp',
      sortdir: 'desc',
      page: '1',
    },
  ],
  '/token/challenges/NOSUCH': ['GET', {}],
  '/token/challenges/expired': ['DELETE', {}],
  '/token/challenges/transaction/1': ['DELETE', {}],
  '/token': [
    'GET, DELETE',
    {
      serial: 'NOSUCH*',
      user: '',
      realm: 'strangers',
      userid: 'x',
      type: 'push',
      type_list: 'push,edupush',
      resolver: 'nod',
      tokenrealm: 'strang*',
      description: 'x*',
      assigned: 'true',
      active: 'true',
      rollout_state: 'enrolled',
      infokey: 'tokenkind',
      infovalue: 'software',
      container_serial: '',
      hidden_tokeninfo: 'tokenkind',
      sortby: 'failcount',
      sortdir: 'desc',
      page: '1',
      pagesize: '1',
      outform: 'json',
    },
  ],
  '/token/init': [
    'POST',
    {
      type: 'push',
      genkey: '1',
      user: 'ada',
      realm: 'nowhere',
      serial: 'NOSUCH',
      pin: '1',
      description: 'x',
      tokenrealm: 'x',
      tokenlabel: 'x',
      tokenissuer: 'x',
      appimageurl: 'https://x.example/',
      validity_period_start: '2026-01-01T00:00+0000',
      validity_period_end: '2026-01-01T00:00+0000',
      rollover: '0',
    },
  ],
  '/token/enable': ['POST', { serial: 'NOSUCH' }],
  '/token/disable/NOSUCH': ['POST', {}],
  '/token/revoke': ['POST', { serial: 'NOSUCH' }],
  '/token/reset': ['POST', { serial: 'NOSUCH' }],
  '/token/setpin/NOSUCH': ['POST', { otppin: '1', pin: '1' }],
  '/token/setrandompin': ['POST', { serial: 'NOSUCH' }],
  '/token/set': [
    'POST',
    {
      serial: 'NOSUCH',
      serials: 'NOSUCH,NEITHER',
      user: 'ada',
      realm: 'strangers',
      description: 'x',
      max_failcount: '3',
      count_auth_max: '3',
      count_auth_success_max: '3',
      validity_period_start: '2026-01-01T00:00+0000',
      validity_period_end: '2026-01-01T00:00+0000',
    },
  ],
  '/token/description/NOSUCH': ['POST', { description: 'x' }],
  '/token/assign': ['POST', { serial: 'NOSUCH', user: 'ada', realm: 'strangers', pin: '1' }],
  '/token/unassign': ['POST', { serials: 'NOSUCH,NEITHER' }],
  '/token/copypin': ['POST', { from: 'NOSUCH', to: 'NEITHER' }],
  '/token/copyuser': ['POST', { from: 'NOSUCH', to: 'NEITHER' }],
  '/token/lost/NOSUCH': ['POST', {}],
  '/token/realm/NOSUCH': ['POST', { realms: 'strangers,nowhere' }],
  '/token/info/NOSUCH/polling_allowed': ['POST, DELETE', { value: 'True' }],
  '/token/info/NOSUCH/note': ['POST, DELETE', { value: 'True' }],
  '/token/NOSUCH': ['GET, DELETE', {}],
  '/policy': ['GET', { scope: 'authentication', realm: 'nowhere', active: '1' }],
  '/policy/strangers-try': [
    'GET, POST, PATCH, DELETE',
    {
      name: 'strangers-other',
      scope: 'authentication',
      action: 'push_wait=1',
      realm: 'nowhere',
      user: 'x',
      client: '10.0.0.1',
      resolver: '',
      time: '',
      priority: '1',
      active: '0',
      description: 'x',
      conditions: '[]',
      adminrealm: '',
      adminuser: '',
      pinode: '',
      user_agents: '',
      check_all_resolvers: '0',
      user_case_insensitive: '0',
    },
  ],
  '/policy/defs': ['GET', {}],
  '/policy/defs/conditions': ['GET', {}],
  '/policy/check': ['GET', { user: 'ada', realm: 'nowhere', scope: 'authentication', action: 'push_wait' }],
  '/policy/simulate': [
    'POST',
    {
      user: 'ada',
      realm: 'nowhere',
      serial: 'NOSUCH',
      client: '10.0.0.1',
      user_agent: 'x',
      time: '2026-01-01T00:00+0000',
      scope: 'authentication',
      adminuser: 'x',
    },
  ],
  '/policy/import/strangers': ['POST', { file: '[strangers-try]\nscope = user\naction = {}\n', skip: '1' }],
  '/policy/enable/nosuch': ['POST', {}],
  '/policy/disable/nosuch': ['POST', {}],
  '/apikey': ['GET, POST', { name: 'strangers-try', role: 'validate' }],
  '/apikey/nosuch': ['DELETE', {}],
  '/user': [
    'GET, POST, PUT',
    {
      user: 'stranger',
      username: 'x',
      userid: 'x',
      realm: 'nowhere',
      resolver: 'x',
      givenname: 'x',
      surname: 'x',
      email: 'x',
      mobile: 'x',
      phone: 'x',
      page: '1',
      pagesize: '1',
    },
  ],
  '/user/nod/nosuch': ['DELETE', { realm: 'nowhere' }],
  '/realm': ['GET', {}],
  '/realm/superuser': ['GET', {}],
  '/realm/strangers-try': ['POST, DELETE', { resolvers: 'nod' }],
  '/defaultrealm': ['GET, DELETE', {}],
  '/defaultrealm/defrealm': ['POST', {}],
  '/resolver': ['GET', {}],
  '/resolver/nosuch': ['GET, POST, DELETE', { type: 'ldapresolver' }],
  '/system': ['GET', {}],
  '/system/nosuch': ['GET, DELETE', {}],
  '/system/setConfig': ['POST', { splitAtSign: 'True' }],
  '/administrator': ['GET, POST', { login: 'strangers-try', password: 'long enough by far', role: 'helpdesk' }],
  '/administrator/password': ['POST', { password: '1', new_password: 'long enough by far' }],
  '/administrator/phone-required/nosuch': ['POST', { required: '1' }],
  '/administrator/enable/nosuch': ['POST', {}],
  '/administrator/disable/nosuch': ['POST', {}],
  '/administrator/nosuch': ['DELETE', {}],
  '/smsgateway': ['GET, POST', { name: 'strangers-try', module: 'x', description: 'x' }],
  '/smsgateway/nosuch': ['GET, DELETE', {}],
}
export const paths = Object.keys(PATHS)
export const hasMethod = (path: string, method: string): boolean =>
  PATHS[path]?.[0].split(', ').includes(method) ?? false

export interface RequestParts {
  readonly method: string
  readonly body?: BodyInit
  readonly type?: string
}

/** Sends a request as it is, with an administrator's token. */
export const sendRaw = (
  token: string | undefined,
  path: string,
  { method, body, type }: RequestParts,
): Promise<Response> =>
  fetch(`${url}${path}`, {
    method,
    headers: { authorization: token ?? '', ...(type === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body }),
  })

/** Checks that a response is an envelope: an error has a code and a message, and no value. */
export async function checkStatus(response: Response, about: string): Promise<number> {
  const text = await response.text()
  // A 501 is about what Nod does not keep in its database.
  if (response.status !== 501) expect(response.status, `${about}: ${text}`).toBeLessThan(500)
  const { result, detail } = JSON.parse(text) as { result: Record<string, unknown>; detail: unknown }
  if (response.status === 200) {
    expect(result, about).toMatchObject({ status: true })
    expect(result, about).toHaveProperty('value')
    return 200
  }
  expect(Object.keys(result), about).toEqual(['status', 'error'])
  const error = fields(result['error'])
  expect(result['status'], about).toBe(false)
  expect(Number.isInteger(error['code']), about).toBe(true)
  expect(typeof error['message'], about).toBe('string')
  expect(error['message'], about).not.toMatch(/\bat \w+ \(|SQLITE|D1_ERROR|TypeError|undefined|\[object/)
  expect(detail === null || typeof detail === 'object', about).toBe(true)
  return response.status
}
