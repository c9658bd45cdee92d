/** The notices of one phone: what its user is told, and has answered. No clock, no storage. */
import { present } from '../../present.ts'
import { addSeconds, instant, type Instant, seconds, type TransactionId } from '../../vocabulary.ts'
import type { RequestOrigin } from '../../vocabulary/login-steps.ts'
import type { Binding, Notice, NoticeSubject, OwnChange } from '../../vocabulary/notices.ts'

/** How long a notice may be answered. */
const OPEN_TIME = seconds(86_400)
/** How long one prompt of a notice may be answered. The app shows a prompt for two minutes, and never again. */
export const PROMPT_TIME = seconds(180)
/** How many prompts of one notice are opened at most. Each leaves a record in the audit. */
const MAX_PROMPTS = 20
/** How many notices are kept for one phone. */
const MAX_NOTICES = 20
/** How many notices a poll shows, beside the prompts of logins. */
const MAX_SHOWN = 3
/** How often notices about the same subject are delivered over FCM: once in this time. The others are found by polling. */
const DELIVERY_PAUSE = seconds(3600)

export interface PhoneNotice extends Notice {
  /** After this it is neither shown nor remembered. */
  readonly until: Instant
  /** How many prompts were opened for it. */
  readonly prompts: number
  /** The prompt that was opened last. */
  readonly prompt?: { readonly transaction: TransactionId; readonly until: Instant }
  /** When it, or the one that it replaces, was last delivered over FCM. */
  readonly deliveredAt?: Instant
  /** The user has acknowledged it, or has declined it and the change is undone. */
  readonly isOver?: true
  /** The user declined it, and the change is still to be undone. */
  readonly declined?: { readonly at: Instant; readonly origin?: RequestOrigin }
  /** When the next try is, and how many have failed. */
  readonly retry?: { readonly at: Instant; readonly tries: number }
}

/** The part of a phone's state that is about notices. */
export interface Notices {
  /** Absent in rows of the version before. */
  readonly notices?: readonly PhoneNotice[]
}

/** Names the subject of a notice. A newer notice about the same subject replaces an older one. */
function nameOf(subject: NoticeSubject): string {
  const { kind } = subject
  if (kind === 'phone_bound') return `${kind} ${subject.serial}`
  // Each session is to be ended by its own notice.
  if (kind === 'phone_changed') return `${kind} ${subject.serial} ${subject.session.id}`
  if (kind === 'bypass_code_used' && subject.session !== undefined) return `${kind} ${subject.session.id}`
  return kind
}

/** Whether the user has not answered it yet. */
const isUnanswered = ({ isOver, declined }: PhoneNotice): boolean => isOver !== true && declined === undefined

/** Adds a notice, once for each id. Undefined if the phone has as many as it can keep: no unanswered notice is dropped for one about
 *  another subject. */
export function addNotice<State extends Notices>(state: State, notice: Notice, now: Instant): State | undefined {
  const notices = (state.notices ?? []).filter(({ until, declined, isOver }) => now < until || (declined && !isOver))
  if (notices.some(({ id }) => id === notice.id)) return { ...state, notices }
  const isSame = (one: PhoneNotice): boolean => nameOf(one.subject) === nameOf(notice.subject)
  const replaced = notices.find((one) => isUnanswered(one) && isSame(one))
  const earlier = replaced ?? notices.findLast((one) => one.declined !== undefined && isSame(one))
  const rest = notices.filter((one) => one !== replaced)
  const answered = rest.findIndex(({ isOver }) => isOver === true)
  const kept = rest.length < MAX_NOTICES || answered < 0 ? rest : rest.toSpliced(answered, 1)
  if (kept.length >= MAX_NOTICES) return undefined
  const added: PhoneNotice = {
    ...notice,
    subject: subjectAfter(notice.subject, earlier?.subject, replaced?.subject),
    until: addSeconds(notice.at, OPEN_TIME),
    prompts: 0,
    ...present({ deliveredAt: notices.findLast((one) => isSame(one) && one.deliveredAt !== undefined)?.deliveredAt }),
  }
  return { ...state, notices: [...kept, added] }
}

/** What the notice tells. `earlier`: the last one about the same; `replaced`: the same, if nobody has answered it. */
function subjectAfter(
  subject: NoticeSubject,
  earlier: NoticeSubject | undefined,
  replaced: NoticeSubject | undefined,
): NoticeSubject {
  if (earlier === undefined) return subject
  return replaced === undefined ? withBinding(subject, earlier) : withChange(withBinding(subject, earlier), replaced)
}

const LESSER_CHANGES: readonly OwnChange[] = ['rings_paused', 'rings_resumed', 'renamed']

/** Whoever has disabled a phone must not hide that by renaming it afterwards. */
const withChange = (subject: NoticeSubject, replaced: NoticeSubject): NoticeSubject =>
  subject.kind === 'phone_changed' &&
  replaced.kind === 'phone_changed' &&
  LESSER_CHANGES.includes(subject.change) &&
  !LESSER_CHANGES.includes(replaced.change)
    ? { ...subject, change: replaced.change }
    : subject

/** A phone that is enabled before its user has acknowledged its enrollment is a new phone still, also where "not me" came too late to
 *  undo it. */
const withBinding = (subject: NoticeSubject, earlier: NoticeSubject): NoticeSubject =>
  subject.kind === 'phone_bound' && earlier.kind === 'phone_bound' && isNewKey(earlier.binding)
    ? { ...subject, binding: earlier.binding }
    : subject

/** Whether the phone registered a key, which none of its user's phones had before. */
export const isNewKey = (binding: Binding): boolean => binding === 'enrolled' || binding === 're_enrolled'

/** The notices that the phone shows now, the oldest first. */
export const shownNotices = ({ notices = [] }: Notices, now: Instant): readonly PhoneNotice[] =>
  notices.filter((one) => isUnanswered(one) && now < one.until && hasPrompt(one, now)).slice(0, MAX_SHOWN)

const hasPrompt = (notice: PhoneNotice, now: Instant): boolean =>
  openPrompt(notice, now) !== undefined || notice.prompts < MAX_PROMPTS

/** The transaction of the prompt that the phone may still answer. */
export const openPrompt = ({ prompt }: PhoneNotice, now: Instant): TransactionId | undefined =>
  prompt !== undefined && now < prompt.until ? prompt.transaction : undefined

/** Whether the notice may be delivered over FCM now. */
export const mayDeliver = ({ deliveredAt }: PhoneNotice, now: Instant): boolean =>
  deliveredAt === undefined || now >= addSeconds(deliveredAt, DELIVERY_PAUSE)

/** Applies what `change` makes of the notice of this id; unchanged if there is none. */
export function changeNotice<State extends Notices>(
  state: State,
  id: string,
  change: (notice: PhoneNotice) => PhoneNotice,
): State {
  if (state.notices?.some((one) => one.id === id) !== true) return state
  return { ...state, notices: state.notices.map((one) => (one.id === id ? change(one) : one)) }
}

/** Records that a prompt was opened for the notice. `isDelivered`: over FCM. */
export function withPrompt(
  notice: PhoneNotice,
  transaction: TransactionId,
  isDelivered: boolean,
  now: Instant,
): PhoneNotice {
  const { retry: _, ...rest } = notice
  const prompt = { transaction, until: addSeconds(now, PROMPT_TIME) }
  return { ...rest, prompts: notice.prompts + 1, prompt, ...(isDelivered ? { deliveredAt: now } : {}) }
}

/** Records the user's answer; the first one counts. A notice that logins are suspended undoes nothing: the user has suspended them. */
export function answerNotice(
  notice: PhoneNotice,
  answer: { readonly declined: boolean; readonly at: Instant; readonly origin?: RequestOrigin },
): PhoneNotice {
  if (!isUnanswered(notice)) return notice
  const { retry: _, ...rest } = notice
  const { declined, ...given } = answer
  return declined && notice.subject.kind !== 'pin_stopped' ? { ...rest, declined: given } : { ...rest, isOver: true }
}

/** Records that nothing is left to do for the notice. */
export function endNotice(notice: PhoneNotice): PhoneNotice {
  const { retry: _, ...rest } = notice
  return { ...rest, isOver: true }
}

/** Sets when to try again: after five seconds at first, then after twice as long each time, up to ten minutes. */
export function postponeNotice(notice: PhoneNotice, now: Instant): PhoneNotice {
  const tries = (notice.retry?.tries ?? 0) + 1
  const wait = seconds(Math.min(600, 5 * 2 ** (tries - 1)))
  return { ...notice, retry: { at: addSeconds(now, wait), tries } }
}

/** Whether something is left to do: to undo a declined change, however long that takes, or to show the notice for the first time, which
 *  waits until the phone is usable. */
const isUnfinished = (notice: PhoneNotice, now: Instant, isUsable: boolean): boolean =>
  notice.isOver !== true && (notice.declined !== undefined || (isUsable && notice.prompts === 0 && now < notice.until))

/** The notices for which there is something to do now. */
export const dueNotices = ({ notices = [] }: Notices, now: Instant, isUsable: boolean): readonly PhoneNotice[] =>
  notices.filter((one) => isUnfinished(one, now, isUsable) && now >= (one.retry?.at ?? now))

/** When there is next something to do; undefined if nothing is. */
export function nextNoticeAt({ notices = [] }: Notices, now: Instant, isUsable: boolean): Instant | undefined {
  const times = notices.filter((one) => isUnfinished(one, now, isUsable)).map(({ retry }) => retry?.at ?? now)
  return times.length === 0 ? undefined : instant(Math.min(...times))
}

/** The session that a decline ends. */
export const sessionOf = (subject: NoticeSubject) =>
  subject.kind === 'bypass_code_used' || subject.kind === 'phone_changed' ? subject.session : undefined
