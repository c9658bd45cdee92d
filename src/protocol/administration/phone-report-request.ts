import * as z from 'zod/mini'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { UnreachedCause } from '../../vocabulary/phones.ts'
import { UNREACHED_CAUSES } from '../../vocabulary/phones.ts'
import { optional, parserOf } from '../parameters.ts'
import { parsePage } from '../page.ts'

const reportSchema = z.object({
  serial: optional('Serial; `*` stands for anything', 255),
  user: optional('Owner', 320),
  realm: optional('Realm of the owner', 255),
  app: optional('The app as it names itself, such as `privacyIDEA-App/4.6*`; `*` stands for anything', 255),
  why: optional(`${UNREACHED_CAUSES.join(', ')}; \`*\`: every phone; without it, all that push does not reach`, 64),
  page: optional('Page, from 1', 16),
  pagesize: optional('Phones per page, 15 unless said, at most 500', 16),
})

/** A request for the report of phones. */
export interface PhoneReportRequest {
  readonly serial?: string
  readonly user?: string
  readonly realm?: string
  readonly app?: string
  readonly cause: UnreachedCause | 'unreached' | 'any'
  readonly page: number
  readonly pageSize: number
}

/** Parses filter and page of the phone report. Refuses: `parameter_invalid`. */
export const parsePhoneReport = parserOf(reportSchema, (fields): Outcome<PhoneReportRequest> => {
  const { serial, user, realm, app, why } = fields
  const cause = why === undefined ? 'unreached' : why === '*' ? 'any' : UNREACHED_CAUSES.find((one) => one === why)
  if (cause === undefined)
    return refuse({
      reason: 'parameter_invalid',
      name: 'why',
      why: `expected one of ${UNREACHED_CAUSES.join(', ')}, *`,
    })
  const page = parsePage(fields)
  return page.ok ? done({ serial, user, realm, app, cause, ...page.value }) : page
})
