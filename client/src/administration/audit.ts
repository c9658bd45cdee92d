/** The audit, and what is counted from it. */
import { call, download, type ParametersOf, type ValueOf } from '../call.ts'
import type { CallOptions, Nod } from '../connection.ts'
import type { Outcome } from '../outcome.ts'
import { pagesOf } from '../pages.ts'

export type AuditFilter = ParametersOf<'GET /audit'>
export type AuditPage = ValueOf<'GET /audit'>
export type AuditEntry = AuditPage['auditdata'][number]

/** Lists audit entries, the newest first unless `sortorder` is set. */
export const listAudit = (nod: Nod, filter: AuditFilter = {}, options?: CallOptions): Promise<Outcome<AuditPage>> =>
  call(nod, 'GET /audit', filter, options)

/** Yields every page of the audit entries that the filter finds. */
export const auditPages = (nod: Nod, filter: AuditFilter = {}, options?: CallOptions) =>
  pagesOf((page) => listAudit(nod, { page_size: 500, ...filter, page }, options))

/** The audit entries that the filter finds, as CSV. */
export const auditCsv = (nod: Nod, filter: AuditFilter = {}, options?: CallOptions): Promise<Outcome<Blob>> =>
  download(nod, 'GET /audit/{file}', { ...filter, file: 'audit.csv' }, options)

/** Signs where the audit ends now. */
export const auditHead = (nod: Nod, options?: CallOptions): Promise<Outcome<ValueOf<'GET /deployment/audit/head'>>> =>
  call(nod, 'GET /deployment/audit/head', {}, options)

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
