import {
  type AuditEntry,
  call,
  listAdministrators,
  listAudit,
  listServiceKeys,
  type Nod,
  type CallOptions,
  type Outcome,
} from '../../../../client/src/index.ts'
import { RUNG, session } from '../../session.ts'

export type StepName = 'signIn' | 'phone' | 'ring' | 'key' | 'login'

export interface Progress {
  readonly done: Readonly<Record<StepName, boolean>>
  /** When the newest login of a service was opened. */
  readonly newest: string | undefined
}

/** Whether a record is about an answer, and not about the registration. */
const isAnswer = ({ info }: AuditEntry): boolean => /^(?:accepted|confirmed|declined)/.test(info)

/** Remembers in this tab that the caller's phone has answered: the audit has the record only when the login is over. */
export const rememberAnswer = (): void => sessionStorage.setItem(RUNG, '1')

/** Reads how far the deployment is: whether the caller has a phone, and it has answered; whether there is a service key, and whether a
 *  service has asked for a login. */
export async function readProgress(nod: Nod, options: CallOptions): Promise<Outcome<Progress>> {
  const login = session.value?.login
  const [administrators, keys, logins, tests] = await Promise.all([
    listAdministrators(nod, options),
    listServiceKeys(nod, options),
    call(nod, 'GET /report/logins', { pagesize: 20 }, options),
    listAudit(nod, { user: login, action: 'POST /ttype/*', page_size: 20 }, options),
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
        ring: hasPhone && (sessionStorage.getItem(RUNG) !== null || tests.value.auditdata.some(isAnswer)),
        key: keys.value.length > 0,
        login: newest !== undefined || isUsed,
      },
      newest,
    },
  }
}
