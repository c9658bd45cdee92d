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
