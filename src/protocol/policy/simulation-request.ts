import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { parseTimestamp } from '../../timestamps.ts'
import type { Instant, Serial } from '../../vocabulary.ts'
import {
  checkNames,
  ignoring,
  isPresent,
  optional,
  parserOf,
  required,
  textMap,
  withDescription,
} from '../parameters.ts'
import { parsePolicy, type PolicyFields } from './policy-request.ts'

/** A request to simulate policies for. */
export interface SimulatedRequest {
  readonly user?: string | undefined
  readonly realm?: string | undefined
  readonly serial?: Serial | undefined
  readonly client?: string | undefined
  readonly userAgent?: string | undefined
  readonly time?: Instant | undefined
  readonly scope?: string | undefined
  readonly administrator?: string | undefined
  /** A policy that is not saved: the simulation goes by it, in place of the one with its name. */
  readonly draft?: { readonly name: string; readonly fields: PolicyFields } | undefined
  /** By the names in lower case. */
  readonly headers: ReadonlyMap<string, string>
}

const simulationSchema = z.object({
  user: optional('Login of the user'),
  realm: optional('Realm; without it the default realm'),
  serial: optional('Serial of the token; by default the only token of the user', 40),
  client: optional('Address of the client; by default that of this request', 64),
  user_agent: optional('User-Agent of the client', 256),
  time: optional('Time of the request in ISO 8601; by default now', 64),
  scope: optional('A scope of policies; by default all of them', 64),
  adminuser: optional('Login of the acting administrator', 64),
  headers: textMap('Headers of the request'),
  draft: withDescription(
    'A policy, as `POST /policy/<name>` takes it, with its `name`: answers as if it were saved',
    z.nullish(z.looseObject({}, 'not a policy')),
  ),
})

/** Parses a simulation. Refuses: `parameter_invalid`. */
export const parseSimulation = parserOf(simulationSchema, (fields): Outcome<SimulatedRequest> => {
  const { user, realm, serial, client, user_agent: userAgent, scope, adminuser: administrator, headers } = fields
  const time = fields.time === undefined ? undefined : parseTimestamp(fields.time)
  if (fields.time !== undefined && time === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'time', why: 'expected a time such as 2026-11-24T08:00+01:00' })
  const names = isPresent(fields.draft) ? checkNames(fields.draft, parsePolicy) : done(undefined)
  if (!names.ok) return names
  const draft = isPresent(fields.draft) ? parsePolicy(fields.draft) : undefined
  if (draft?.ok === false) return draft
  return done({
    draft: draft?.value,
    user,
    realm,
    serial: serial as Serial | undefined,
    client,
    userAgent,
    time,
    scope,
    administrator,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  })
})

const checkSchema = z.object({
  user: required('Login of the user'),
  realm: required('Realm of the user'),
  scope: required('A scope of policies', 64),
  action: required('An action of it', 64),
  client: optional('Address of the client; by default that of this request', 64),
})

/** Parses the question which policies match. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyCheck = ignoring(
  parserOf(checkSchema, (fields): Outcome<SimulatedRequest & { readonly scope: string; readonly action: string }> =>
    done({ ...fields, headers: new Map() }),
  ),
  'resolver',
)
