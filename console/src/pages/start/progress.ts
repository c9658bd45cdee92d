import {
  call,
  listAdministrators,
  listAudit,
  listServiceKeys,
  type Nod,
  type CallOptions,
  type Outcome,
} from '../../../../client/src/index.ts'
import { session } from '../../session.ts'

export type StepName = 'signIn' | 'phone' | 'ring' | 'key' | 'login'

export interface Progress {
  readonly done: Readonly<Record<StepName, boolean>>
  /** When the newest login of a service was opened. */
  readonly newest: string | undefined
}

/** Reads how far the deployment is: whether the caller has a phone that has answered a test push, whether there is a service key, and
 *  whether a service has asked for a login. */
export async function readProgress(nod: Nod, options: CallOptions): Promise<Outcome<Progress>> {
  const login = session.value?.login
  const [administrators, keys, logins, tests] = await Promise.all([
    listAdministrators(nod, options),
    listServiceKeys(nod, options),
    call(nod, 'GET /report/logins', { pagesize: 20 }, options),
    listAudit(nod, { user: login, action: 'POST /ttype/push', page_size: 1 }, options),
  ])
  if (!administrators.ok) return administrators
  if (!keys.ok) return keys
  if (!logins.ok) return logins
  if (!tests.ok) return tests
  const hasPhone = administrators.value.some((one) => one.login === login && one.has_phone)
  const newest = logins.value.logins.find(({ service }) => service !== '')?.opened
  const isUsed = keys.value.some(({ last_used_at: at }) => at !== null)
  return {
    ok: true,
    value: {
      done: {
        signIn: true,
        phone: hasPhone,
        ring: hasPhone && tests.value.count > 0,
        key: keys.value.length > 0,
        login: newest !== undefined || isUsed,
      },
      newest,
    },
  }
}
