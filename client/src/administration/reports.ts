/** What is counted and listed of logins and phones, and logins while they happen. */
import { call, downloadPage, type ParametersOf, type ValueOf } from '../call.ts'
import type { CallOptions, Nod } from '../connection.ts'
import { done, type Outcome } from '../outcome.ts'
import { stream, type StreamOptions } from '../stream.ts'

export type PhoneReport = ValueOf<'GET /report/phones'>

/** Lists the phones that push messages do not reach, and counts apps and what they can do. */
export const reportPhones = (
  nod: Nod,
  filter: ParametersOf<'GET /report/phones'> = {},
  options?: CallOptions,
): Promise<Outcome<PhoneReport>> => call(nod, 'GET /report/phones', filter, options)

export type FirewallReport = ValueOf<'GET /report/firewall'>

/** Counts the logins that the push firewall has silenced, or would have. */
export const reportFirewall = (
  nod: Nod,
  filter: Omit<ParametersOf<'GET /report/firewall'>, 'outform'> = {},
  options?: CallOptions,
): Promise<Outcome<FirewallReport>> => call(nod, 'GET /report/firewall', filter, options)

export type Overview = ValueOf<'GET /report/overview'>

/** Counts logins by outcome, step, delivery, service and mode, and lists what to attend to. */
export const reportOverview = (
  nod: Nod,
  filter: ParametersOf<'GET /report/overview'> = {},
  options?: CallOptions,
): Promise<Outcome<Overview>> => call(nod, 'GET /report/overview', filter, options)

export type StepReport = ValueOf<'GET /report/steps'>

/** Tells how long each step of the logins took. */
export const reportSteps = (
  nod: Nod,
  filter: ParametersOf<'GET /report/steps'> = {},
  options?: CallOptions,
): Promise<Outcome<StepReport>> => call(nod, 'GET /report/steps', filter, options)

export type LoginFilter = Omit<ParametersOf<'GET /report/logins'>, 'outform'>
export type LoginPage = ValueOf<'GET /report/logins'>
export type LoginEntry = LoginPage['logins'][number]

/** Lists logins, the newest first, each with the reason of its outcome. A page may be short and still have a `next`. */
export const listLogins = (nod: Nod, filter: LoginFilter = {}, options?: CallOptions): Promise<Outcome<LoginPage>> =>
  call(nod, 'GET /report/logins', filter, options)

/** Yields every page of the logins that the filter finds. */
export async function* loginPages(
  nod: Nod,
  filter: LoginFilter = {},
  options?: CallOptions,
): AsyncGenerator<Outcome<LoginPage>, void, undefined> {
  for (let cursor: LoginFilter['cursor'] = filter.cursor; ;) {
    const page = await listLogins(nod, { ...filter, cursor }, options)
    yield page
    if (!page.ok || page.value.next === null) return
    cursor = page.value.next
  }
}

/** Reads all logins that the filter finds as a table, page after page: a header line, then the newest first. */
export async function loginsCsv(nod: Nod, filter: LoginFilter = {}, options?: CallOptions): Promise<Outcome<Blob>> {
  const parts: Blob[] = []
  for (let cursor: string | undefined; ;) {
    const parameters = { pagesize: 500, ...filter, outform: 'csv', cursor: cursor ?? filter.cursor }
    const page = await downloadPage(nod, 'GET /report/logins', parameters, options)
    if (!page.ok) return page
    const { content, next } = page.value
    // The first line of each page names the columns.
    parts.push(parts.length === 0 ? content : new Blob([(await content.text()).replace(/^.*\n/, '')]))
    if (next === undefined) return done(new Blob(parts, { type: content.type }))
    cursor = next
  }
}

/** Yields the newest logins, and logins as they open and change, until the caller stops. A login that has changed comes again, and so do
 *  the newest every five minutes. */
export async function* liveLogins(
  nod: Nod,
  filter: ParametersOf<'GET /report/live'> = {},
  options: StreamOptions = {},
): AsyncGenerator<Outcome<LiveLogin>, void, undefined> {
  for await (const event of stream(nod, 'GET /report/live', filter, options))
    if (!event.ok) yield event
    else if (event.value.event === 'login') yield done(JSON.parse(event.value.data) as LiveLogin)
}

export interface LiveLogin extends LoginEntry {
  /** The kind of the last step, and the same in words; null before the first. */
  readonly last: string | null
  readonly last_text: string
}

/** Yields each step of a login as it happens, then how it ended. */
export async function* liveSteps(
  nod: Nod,
  transactionId: string,
  options: StreamOptions = {},
): AsyncGenerator<Outcome<LiveStep | LiveEnd>, void, undefined> {
  const route = 'GET /transaction/{transaction_id}/steps'
  let count = 0
  for await (const event of stream(nod, route, { transaction_id: transactionId }, options)) {
    if (!event.ok) return yield event
    const item = { event: event.value.event, ...(JSON.parse(event.value.data) as object) } as LiveStep | LiveEnd
    if (item.event === 'end') {
      // A stream ends after ten minutes also where the login goes on.
      if (item.outcome === 'open') continue
      return yield done(item)
    }
    // A stream that is opened again begins with the first step.
    if (item.index < count) continue
    count = item.index + 1
    yield done(item)
  }
}

export interface LiveStep {
  readonly event: 'step'
  readonly index: number
  readonly kind: string
  readonly text: string
  readonly time: string
  readonly serial: string
  readonly since_opening_ms: number
  readonly since_step_before_ms: number
}

export interface LiveEnd {
  readonly event: 'end'
  readonly outcome: LoginEntry['outcome']
  readonly cause: string
  readonly reason: string
  readonly advice: string
}
