import * as z from 'zod/mini'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { SECURITY_EVENT_TYPES, type SecurityEventType } from '../../vocabulary/security-events.ts'
import { isPathSegment, nameList, optional, parserOf, required } from '../parameters.ts'

const webhookSchema = z.object({
  name: required('Name of the webhook', 64),
  url: required('https address that security events are pushed to'),
  events: nameList(`Types of events that it hears of: ${SECURITY_EVENT_TYPES.join(', ')}; all unless set`),
  service: optional('Name of a service key: it hears of the logins of that key and of nothing else', 64),
  audience: optional('The `aud` of its tokens; the address without its query unless set', 255),
})

interface NewWebhook {
  readonly name: string
  readonly url: string
  readonly events?: readonly SecurityEventType[]
  readonly service?: string
  readonly audience?: string
}

/** Parses a request to add a webhook. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseWebhook = parserOf(webhookSchema, ({ name, url, events, service, audience }): Outcome<NewWebhook> => {
  if (!/^[\w.-]+$/.test(name) || !isPathSegment(name))
    return refuse({ reason: 'parameter_invalid', name: 'name', why: 'expected letters, digits, `.`, `_` or `-`' })
  const known = SECURITY_EVENT_TYPES.filter((type) => events?.includes(type))
  const isKnown = (one: string): boolean => known.some((type) => type === one)
  if (events !== undefined && (events.length === 0 || !events.every(isKnown)))
    return refuse({
      reason: 'parameter_invalid',
      name: 'events',
      why: `expected some of ${SECURITY_EVENT_TYPES.join(', ')}`,
    })
  return done({ name, url, ...present({ events: events && known, service, audience }) })
})
