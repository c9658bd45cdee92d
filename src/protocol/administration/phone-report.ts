import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { formatTimestamp } from '../../timestamps.ts'
import { TOKEN_TYPES } from '../../vocabulary.ts'
import { type PhoneLine, UNREACHED_CAUSES, type UnreachedCause } from '../../vocabulary/phones.ts'
import { optional, parserOf } from '../parameters.ts'
import { parsePage } from '../page.ts'
import { boolean, listOf, object, oneOf, orNull, string } from '../shape.ts'

const reportSchema = z.object({
  serial: optional('Serial; `*` stands for anything', 255),
  user: optional('Owner', 320),
  realm: optional('Realm of the owner', 255),
  app: optional('The app as it names itself, such as `privacyIDEA-App/4.6*`; `*` stands for anything', 255),
  why: optional(`${UNREACHED_CAUSES.join(', ')}; \`*\`: every phone; without it, all that push does not reach`, 64),
  page: optional('Page, from 1', 16),
  pagesize: optional('Phones per page, 15 by default, at most 500', 16),
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

/** A phone as the report shows it, its token's fields named as in the token list. It has no registration token. */
export const phoneItem = (phone: PhoneLine & { readonly ability: string }): Readonly<Record<string, unknown>> => ({
  serial: phone.serial,
  tokentype: phone.type,
  username: phone.owner?.login ?? '',
  user_realm: phone.owner?.realm ?? '',
  active: phone.active,
  firebase_configuration: phone.firebase,
  why: phone.cause ?? null,
  quarantine_cause: phone.quarantineCause ?? null,
  since: phone.since === undefined ? null : formatTimestamp(phone.since),
  app: phone.app ?? null,
  system: phone.system ?? null,
  capabilities: phone.capabilities ?? null,
  code_to_phone: phone.ability,
})

export const phoneShape = object({
  serial: string('Serial of its token'),
  tokentype: oneOf('Which app it is', ...TOKEN_TYPES),
  username: string('Owner'),
  user_realm: string('Realm of the owner'),
  active: boolean('Whether its token is enabled'),
  firebase_configuration: string('Firebase configuration of its token, or `poll only`'),
  why: oneOf('What keeps push from it; null: nothing', ...UNREACHED_CAUSES, null),
  quarantine_cause: oneOf('Of a quarantine', 'unregistered', 'registration_token_invalid', null),
  since: orNull(string('Since when, where that is known')),
  app: orNull(string('The app, by its own word')),
  system: orNull(string('What it runs on')),
  capabilities: orNull(listOf(string('Name of a feature'))),
  code_to_phone: oneOf('Whether its app can do code to phone', 'able', 'unable', 'unknown'),
})
