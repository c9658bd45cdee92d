import { present } from '../present.ts'
import type { Credential } from '../operations/access/identify.ts'
import type { Happened } from '../operations/login/record-refusal.ts'
import { record } from '../operations/login/record-refusal.ts'
import type { Refusal } from '../refusal.ts'
import type { Owner } from '../vocabulary.ts'
import type { Asked } from './context.ts'
import { wireOf } from './respond.ts'

/** Whom a request is about, as far as it says. */
interface Mentioned {
  readonly user?: string | undefined
  readonly realm?: string | undefined
  readonly owner?: Owner | undefined
  readonly serial?: string | undefined
  readonly transactionId?: string | undefined
  readonly administrator?: string | undefined
  readonly by?: Credential | undefined
}

/** Refusals that share their words with others: the caller must not tell them apart, an administrator may. */
const ALIKE: ReadonlySet<Refusal['reason']> = new Set([
  'transaction_unknown',
  'declined',
  'unanswered',
  'sign_in_paused',
])
/** Errors that are a rejected login all the same. */
const REJECTIONS: ReadonlySet<Refusal['reason']> = new Set([
  'credentials_wrong',
  'sign_in_paused',
  'realm_unknown',
  'username_missing',
])

/** The refusal goes into the audit after the response has gone; of one reason, so many a second. */
export function note(c: Asked, action: string, refusal: Refusal, mentioned: Mentioned = {}): void {
  const { kind, message } = wireOf(refusal)
  const { reason } = refusal
  const rejected = kind === 'reject' || REJECTIONS.has(reason)
  const authentication = reason === 'declined' ? 'DECLINED' : rejected ? 'REJECT' : ''
  const info = ALIKE.has(reason) ? `${message} (${reason})` : message
  keep(c, { action, success: false, authentication, info }, mentioned, `${action} ${reason}`)
}

/** So does what was done and has no other record. */
export function noteDone(c: Asked, action: string, info: string, mentioned: Mentioned, authentication = ''): void {
  keep(c, { action, success: true, authentication, info }, mentioned)
}

/** An answer that was taken to no login. */
export function noteUnheard(c: Asked, action: string, serial: string): void {
  const info = 'no open challenge of this phone, or not its signature'
  keep(c, { action, success: false, authentication: '', info }, { serial }, `${action} unheard`)
}

type Done = Pick<Happened, 'action' | 'success' | 'authentication' | 'info'>

function keep(c: Asked, what: Done, mentioned: Mentioned, kind?: string): void {
  const { user, realm, owner, serial, transactionId, administrator, by } = mentioned
  const transaction = transactionId !== undefined && /^\d{20}$/.test(transactionId) ? transactionId : undefined
  const happened = { ...what, ...present({ user, realm, owner, serial, transaction, administrator, by }) }
  c.executionCtx.waitUntil(record(c.var.ports, c.var.source, happened, kind))
}

/** So does a login that passed without a token, by the policy that let it. */
export function notePass(c: Asked, action: string, policy: string, mentioned: Mentioned): void {
  noteDone(c, action, `no token, policy ${policy}`, mentioned, 'ACCEPT')
}
