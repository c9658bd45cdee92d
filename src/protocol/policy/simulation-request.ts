import * as z from 'zod/mini'
import { present } from '../../present.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { parseTimestamp } from '../../timestamps.ts'
import type { Instant, Serial } from '../../vocabulary.ts'
import { optional, parserOf, required, textMap } from '../parameters.ts'

/** A request that nobody makes: whose, from where, when. */
export interface SimulatedRequest {
  readonly user?: string
  readonly realm?: string
  readonly serial?: Serial
  readonly client?: string
  readonly userAgent?: string
  readonly time?: Instant
  readonly scope?: string
  readonly administrator?: string
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>
}

const simulationSchema = z.object({
  user: optional('Whose login it would be'),
  realm: optional('Realm; without it the default realm'),
  serial: optional('By which token; without it that of a user who has one', 40),
  client: optional('The address it would come from; without it that of this request', 64),
  user_agent: optional('The User-Agent it would come with', 256),
  time: optional('When, in ISO 8601; without it now', 64),
  scope: optional('A scope of policies; without it all of them', 64),
  adminuser: optional('Which administrator would act', 64),
  headers: textMap('Headers it would come with'),
})

/** Refuses: `parameter_invalid`. */
export const parseSimulation = parserOf(simulationSchema, (fields): Outcome<SimulatedRequest> => {
  const { user, realm, serial, client, user_agent: userAgent, scope, adminuser: administrator, headers } = fields
  const time = fields.time === undefined ? undefined : parseTimestamp(fields.time)
  if (fields.time !== undefined && time === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'time', why: 'expected a time such as 2026-11-24T08:00+01:00' })
  return done({
    ...present({ user, realm, client, userAgent, time, scope, administrator }),
    ...(serial === undefined ? {} : { serial: serial as Serial }),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  })
})

const checkSchema = z.object({
  user: required('Whose request it would be'),
  realm: required('In which realm'),
  scope: required('A scope of policies', 64),
  action: required('An action of it', 64),
  client: optional('The address it would come from; without it that of this request', 64),
})

/** Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyCheck = parserOf(
  checkSchema,
  (fields): Outcome<SimulatedRequest & { readonly scope: string; readonly action: string }> => {
    const { client, ...asked } = fields
    return done({ ...asked, ...present({ client }), headers: new Map() })
  },
)
