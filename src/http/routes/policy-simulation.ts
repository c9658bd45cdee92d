/** Evaluating policies without a login: whether an action is set for a user, and what a request would get. */
import { findMatchingPolicies, simulatePolicies } from '../../operations/administration/simulate-policies.ts'
import { policyShape, renderPolicy } from '../../protocol/policy/policy-form.ts'
import { parsePolicyCheck, parseSimulation } from '../../protocol/policy/simulation-request.ts'
import { boolean, integer, listOf, mapOf, object, orNull, string } from '../../protocol/shape.ts'
import type { Outcome } from '../../refusal.ts'
import { protectedRoute } from '../protected-route.ts'
import { wireForm } from '../respond.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

export const policySimulationRoutes = new Router()

const failedShape = object({ error: string('The message of the refusal that the request would get') })
const loginShape = object(
  {
    mode: string('standard, require_presence or code_to_phone'),
    wait: integer('Seconds that the request waits for the phone'),
    polling: {},
    pin_from: string('Where the PIN is compared'),
    title: string('Title on the phone'),
    question: string('Question on the phone'),
    challenge_text: string('Text at the login'),
    valid_for: integer('Seconds that the phone may answer'),
    finalize_grace: integer('Seconds that the service may finalize after that'),
  },
  { code_digits: integer('Digits of the code') },
)
const scopeShape = object({
  settings: mapOf({ anyOf: [object({ value: {}, policies: listOf({ type: 'string' }) }), failedShape] }, 'By action'),
  policies: listOf(
    object({
      name: string('Name'),
      priority: integer('The lowest number takes precedence'),
      active: boolean('Whether it applies at all'),
      matches: boolean('Whether it is about this request'),
      unmet: listOf(
        object(
          { restriction: string('The field of the policy that does not match'), wanted: {}, compared: {} },
          { is_error: boolean('The request would be refused for it') },
        ),
      ),
    }),
  ),
})

addRoutes(policySimulationRoutes, '/policy/check', {
  GET: protectedRoute(
    {
      summary: 'Check whether an action is set for a user',
      access: 'admin',
      parser: parsePolicyCheck,
      value: object(
        { allowed: boolean('Whether a policy sets it') },
        { policy: listOf(policyShape), info: string('That there is none') },
      ),
    },
    async (c, credential, request) =>
      sendOutcome(c, await findMatchingPolicies(c.var.ports, credential, c.var.source, request), (policies) =>
        policies.length === 0
          ? { allowed: false, info: 'No policies found' }
          : { allowed: true, policy: policies.map(renderPolicy) },
      ),
  ),
})
addRoutes(policySimulationRoutes, '/policy/simulate', {
  POST: protectedRoute(
    {
      summary: 'Simulate policies for a request',
      description: 'The settings of each scope, the policies that set them, and why every other policy did not match.',
      access: 'admin',
      parser: parseSimulation,
      value: object({
        situation: object({
          user: orNull(string('Login name')),
          realm: orNull(string('Realm')),
          serial: orNull(string('The token, if it is only one')),
          client: string('Address'),
          user_agent: string('User agent'),
          time: string('When'),
        }),
        login: mapOf({ anyOf: [loginShape, failedShape] }, 'The login settings by token type'),
        scopes: mapOf(scopeShape, 'Settings and policies by scope'),
      }),
    },
    async (c, credential, request) =>
      sendOutcome(c, await simulatePolicies(c.var.ports, credential, c.var.source, request), simulationAnswer),
  ),
})

type Simulation = Extract<Awaited<ReturnType<typeof simulatePolicies>>, { readonly ok: true }>['value']
type ScopeResult = Simulation['scopes'][string]
type UnmetRestriction = ScopeResult['policies'][number]['unmet'][number]

/** The value that `POST /policy/simulate` answers. */
const simulationAnswer = ({ situation, serial, scopes, logins }: Simulation): Readonly<Record<string, unknown>> => ({
  situation: {
    user: situation.owner?.login ?? null,
    realm: situation.owner?.realm ?? null,
    serial: serial ?? null,
    client: situation.address,
    user_agent: situation.userAgent,
    time: new Date(situation.now).toISOString(),
  },
  login: mapValues(logins, (login) =>
    orError(
      login,
      ({ mode, pushWait: wait, polling, pinSource, title, question, challengeText, codeDigits, validFor, grace }) => ({
        mode,
        wait,
        polling,
        pin_from: pinSource,
        title,
        question,
        challenge_text: challengeText,
        ...(mode === 'code_to_phone' ? { code_digits: codeDigits } : {}),
        valid_for: validFor,
        finalize_grace: grace,
      }),
    ),
  ),
  scopes: mapValues(scopes, ({ settings, policies }) => ({
    settings: mapValues(settings, (setting) =>
      orError(setting, ({ value, policies: by }) => ({ value: value ?? null, policies: by })),
    ),
    policies: policies.map((policy) => ({ ...policy, unmet: policy.unmet.map(restriction) })),
  })),
})

/** A restriction that did not match. `compared` is null if the value is unknown; `is_error` means that the request would
 *  be refused for it. */
const restriction = ({ field, expected, actual, isUnknown }: UnmetRestriction): Readonly<Record<string, unknown>> => ({
  restriction: field,
  wanted: expected,
  compared: actual ?? null,
  ...(isUnknown ? { is_error: true } : {}),
})

/** The rendered value, or the message that a caller would get. */
const orError = <T>(outcome: Outcome<T>, render: (value: T) => object): object =>
  outcome.ok ? render(outcome.value) : { error: wireForm(outcome.refusal).message }

const mapValues = <T, U>(values: Readonly<Record<string, T>>, render: (value: T) => U): Readonly<Record<string, U>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, render(value)]))
