import type { simulatePolicies } from '../../operations/administration/simulate-policies.ts'
import type { Outcome } from '../../refusal.ts'
import { wireForm } from '../respond.ts'

type Simulated = Extract<Awaited<ReturnType<typeof simulatePolicies>>, { readonly ok: true }>['value']
type Explained = Simulated['scopes'][string]
type Unmet = Explained['policies'][number]['unmet'][number]

/** What `POST /policy/simulate` answers: the request as it was understood, then by scope what holds and why. */
export const simulationAnswer = ({
  situation,
  serial,
  scopes,
  logins,
}: Simulated): Readonly<Record<string, unknown>> => ({
  situation: {
    user: situation.owner?.login ?? null,
    realm: situation.owner?.realm ?? null,
    serial: serial ?? null,
    client: situation.address,
    user_agent: situation.userAgent,
    time: new Date(situation.now).toISOString(),
  },
  login: mapped(logins, (login) =>
    orError(login, ({ mode, wait, polling, pinFrom, title, question, challengeText, codeDigits, validFor, grace }) => ({
      mode,
      wait,
      polling,
      pin_from: pinFrom,
      title,
      question,
      challenge_text: challengeText,
      ...(mode === 'code_to_phone' ? { code_digits: codeDigits } : {}),
      valid_for: validFor,
      finalize_grace: grace,
    })),
  ),
  scopes: mapped(scopes, ({ settings, policies }) => ({
    settings: mapped(settings, (setting) =>
      orError(setting, ({ value, policies: by }) => ({ value: value ?? null, policies: by })),
    ),
    policies: policies.map((one) => ({ ...one, unmet: one.unmet.map(restriction) })),
  })),
})

/** `compared` is null where nothing is known to compare; `is_error` where that refuses the request. */
const restriction = ({ field, wanted, found, isUnknown }: Unmet): Readonly<Record<string, unknown>> => ({
  restriction: field,
  wanted,
  compared: found ?? null,
  ...(isUnknown ? { is_error: true } : {}),
})

/** What it came to, or the message a caller would hear. */
const orError = <T>(outcome: Outcome<T>, render: (value: T) => object): object =>
  outcome.ok ? render(outcome.value) : { error: wireForm(outcome.refusal).message }

const mapped = <T, U>(all: Readonly<Record<string, T>>, render: (one: T) => U): Readonly<Record<string, U>> =>
  Object.fromEntries(Object.entries(all).map(([name, one]) => [name, render(one)]))
