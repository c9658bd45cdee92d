/** What the upstream answers to a login, as far as Nod reads it. The upstream may answer anything. */

type Fields = Readonly<Record<string, unknown>>

/** An answer in privacyIDEA's envelope. */
export interface UpstreamAnswer {
  readonly kind: 'accept' | 'challenge' | 'reject' | 'error'
  readonly value: unknown
  readonly detail: Fields
  /** The token that was accepted, if the answer names one. */
  readonly serial?: string
  /** Challenges that can be answered; each with a type and a serial. */
  readonly challenges: readonly UpstreamChallenge[]
}

export interface UpstreamChallenge extends Fields {
  readonly serial: string
  readonly type: string
  readonly message: string
  readonly client_mode: string
}

const MOST_CHALLENGES = 50

/** Reads an answer; undefined for anything that is not one. */
export function readUpstreamAnswer(text: string): UpstreamAnswer | undefined {
  const body = fieldsIn(text)
  const result = fieldsOf(body?.['result'])
  if (body === undefined || result === undefined || typeof result['status'] !== 'boolean') return undefined
  const detail = fieldsOf(body['detail']) ?? {}
  const listed: readonly unknown[] = Array.isArray(detail['multi_challenge']) ? detail['multi_challenge'] : []
  const challenges = listed.slice(0, MOST_CHALLENGES).flatMap((one) => challengeOf(fieldsOf(one)) ?? [])
  const { serial } = detail
  const value = result['value']
  const kind = !result['status']
    ? 'error'
    : listed.length > 0
      ? 'challenge'
      : value === true || fieldsOf(value)?.['auth'] === true || result['authentication'] === 'ACCEPT'
        ? 'accept'
        : 'reject'
  return { kind, value, detail, challenges, ...(typeof serial === 'string' && serial !== '' ? { serial } : {}) }
}

function challengeOf(entry: Fields | undefined): UpstreamChallenge | undefined {
  const { serial, type, message, client_mode: mode = 'interactive' } = entry ?? {}
  return typeof serial === 'string' &&
    typeof type === 'string' &&
    typeof message === 'string' &&
    typeof mode === 'string'
    ? { ...entry, serial, type, message, client_mode: mode }
    : undefined
}

export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined

/** Reads a JSON object; undefined for anything else. */
export function fieldsIn(text: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The server's name and version, as its answer tells: `privacyIDEA 3.14`. */
export function versionIn(text: string): string | undefined {
  const version = fieldsIn(text)?.['version']
  return typeof version === 'string' ? version.slice(0, 40) : undefined
}

/** The types of token that Nod has itself. */
const OWN_TYPES: readonly string[] = ['push', 'edupush']

export const isOwnType = (type: string): boolean => OWN_TYPES.includes(type.toLowerCase())

/** Whether the upstream's challenge can be offered beside Nod's own: Nod rings the phones of a user whom it serves. */
export const isOffered = ({ type }: UpstreamChallenge): boolean => !isOwnType(type)

/** Joins the upstream's challenges (`offered`) with those of Nod's answer (`own`), under one transaction id. Nod's come last, as privacyIDEA
 *  tries push tokens last, so the top level goes on repeating Nod's. `preferredModes`: the most wanted first.
 *  Source: docs/protocol.md, "The upstream". */
export function joinChallenges(
  own: Fields,
  offered: readonly UpstreamChallenge[],
  transaction: string,
  preferredModes: readonly string[],
): Fields {
  const listed: readonly unknown[] = Array.isArray(own['multi_challenge']) ? own['multi_challenge'] : []
  const ours = listed.map(fieldsOf).filter((one) => one !== undefined)
  const all: readonly Fields[] = [...offered, ...ours]
  const entries = all.map((entry): Fields => ({
    ...entry,
    transaction_id: transaction,
  }))
  const modes = entries.map((entry) => entry['client_mode'])
  const messages = entries.map((entry) => entry['message'])
  const texts = [
    ...offered.map(({ message }) => message),
    ...(typeof own['message'] === 'string' ? [own['message']] : []),
  ]
  return {
    ...own,
    transaction_id: transaction,
    transaction_ids: entries.map(() => transaction),
    message: [...new Set(texts)].join(', '),
    messages,
    multi_challenge: entries,
    attributes: { hideResponseInput: !modes.includes('interactive') },
    preferred_client_mode: preferredModes.find((mode) => modes.includes(mode)) ?? modes.at(-1),
  }
}
