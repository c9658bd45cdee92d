/** The overview of a deployment: alarms, deliveries and rings. */
import type { Language } from '../../vocabulary.ts'
import type { Counts } from '../../vocabulary/login-reports.ts'
import type { SearchResult } from '../../vocabulary/tokens.ts'
import { boolean, integer, listOf, mapOf, object, oneOf, string } from '../shape.ts'

interface Delivery {
  readonly firebase: string
  readonly delivered: number
  readonly failures: Readonly<Record<string, number>>
  readonly state: string
}

/** What alarms are made of. */
interface Urgent {
  readonly notMe: number
  readonly silenced: number
  readonly deliveries: readonly Delivery[]
  readonly tokens?: Readonly<Record<'locked' | 'unreachable', SearchResult>>
  readonly health?: readonly { readonly name: string; readonly info: string }[]
}

const KINDS = ['not_me', 'failing_firebase', 'health', 'locked_tokens', 'silenced_rings', 'unreachable_phones'] as const
type Kind = (typeof KINDS)[number]

const TEXTS: Readonly<
  Record<Exclude<Kind, 'health'>, Readonly<Record<Language, (count: number, name: string) => string>>>
> = {
  not_me: {
    en: (count) => `Users said “not me” to ${count} ${count === 1 ? 'login' : 'logins'} of the last 24 hours.`,
    de: (count) =>
      `Zu ${count} ${count === 1 ? 'Anmeldung' : 'Anmeldungen'} der letzten 24 Stunden haben Benutzer „Nicht ich“ gesagt.`,
  },
  failing_firebase: {
    en: (_, name) => `Push messages over ${name} do not arrive.`,
    de: (_, name) => `Push-Nachrichten über ${name} kommen nicht an.`,
  },
  locked_tokens: {
    en: (count) => `${count} ${count === 1 ? 'token is' : 'tokens are'} locked.`,
    de: (count) => `${count} ${count === 1 ? 'Token ist' : 'Token sind'} gesperrt.`,
  },
  silenced_rings: {
    en: (count) =>
      `${count} ${count === 1 ? 'login' : 'logins'} of the last 24 hours did not ring a phone, because the push firewall stopped it.`,
    de: (count) =>
      `Bei ${count} ${count === 1 ? 'Anmeldung' : 'Anmeldungen'} der letzten 24 Stunden klingelte kein Telefon, weil die Push-Firewall es verhindert hat.`,
  },
  unreachable_phones: {
    en: (count) => `${count} ${count === 1 ? 'phone' : 'phones'} cannot be reached by push messages.`,
    de: (count) => `${count} ${count === 1 ? 'Telefon ist' : 'Telefone sind'} für Push-Nachrichten nicht erreichbar.`,
  },
}

const LISTS: Readonly<Record<Kind, string>> = {
  not_me: '/report/logins?outcome=not_me',
  failing_firebase: '/smsgateway',
  health: '/healthz?deep=1',
  locked_tokens: '/token/search?status=locked',
  silenced_rings: '/report/firewall',
  unreachable_phones: '/report/phones',
}

const countOf = (found: SearchResult | undefined): number => found?.count?.number ?? found?.tokens.length ?? 0

/** What needs somebody, the most urgent first. */
export function alarmsOf({ notMe, silenced, deliveries, tokens, health = [] }: Urgent, language: Language) {
  const alarm = (kind: Exclude<Kind, 'health'>, count: number, name = '', found?: SearchResult) =>
    count === 0
      ? []
      : [
          {
            kind,
            name,
            count,
            is_exact: found?.count?.isExact ?? true,
            text: TEXTS[kind][language](count, name),
            list: LISTS[kind],
            tokens: (found?.tokens ?? []).map(({ serial, owner }) => ({
              serial,
              user: owner?.login ?? '',
              realm: owner?.realm ?? '',
            })),
          },
        ]
  return [
    ...alarm('not_me', notMe),
    ...deliveries.flatMap(({ firebase, state }) =>
      state === 'failing' || state === 'stopped' ? alarm('failing_firebase', 1, firebase) : [],
    ),
    ...health.map(({ name, info }) => ({
      kind: 'health' as const,
      name,
      count: 1,
      is_exact: true,
      text: info,
      list: LISTS.health,
      tokens: [],
    })),
    ...alarm('locked_tokens', countOf(tokens?.locked), '', tokens?.locked),
    ...alarm('silenced_rings', silenced),
    ...alarm('unreachable_phones', countOf(tokens?.unreachable), '', tokens?.unreachable),
  ]
}

export const alarmShape = object({
  kind: oneOf('What it is about', ...KINDS),
  name: string('Of the Firebase configuration or of the check; else empty'),
  count: integer('How many'),
  is_exact: boolean('Whether there are no more than `count`'),
  text: string('In words, in English or German, by Accept-Language; of a check in English'),
  list: string('Path of the list behind it'),
  tokens: listOf(
    object({ serial: string('Serial'), user: string('Owner'), realm: string('Realm of the owner') }),
    'The first of the tokens it is about',
  ),
})

export const deliveryValue = ({ firebase, delivered, failures, state }: Delivery) => ({
  firebase,
  delivered,
  failed: Object.values(failures).reduce((sum, number) => sum + number, 0),
  failures: Object.entries(failures).map(([why, count]) => ({ why, count })),
  state,
})

export const deliveryShape = object({
  firebase: string('Name of the Firebase configuration'),
  delivered: integer('Messages that FCM has taken'),
  failed: integer('Tries that failed'),
  failures: listOf(object({ why: string('Cause; `breaker_open`: sending was stopped'), count: integer('Tries') })),
  state: oneOf('Within the last two hours', 'well', 'failing', 'stopped', 'unused'),
})

const SHADOW = '/shadow'

export function ringsValue(rings: Counts) {
  const sumOf = (isShadow: boolean): number =>
    Object.entries(rings).reduce((sum, [why, number]) => (why.endsWith(SHADOW) === isShadow ? sum + number : sum), 0)
  return {
    silenced: sumOf(false),
    shadow: sumOf(true),
    by_cause: Object.fromEntries(Object.entries(rings).filter(([why]) => !why.endsWith(SHADOW))),
  }
}

export const ringsShape = object({
  silenced: integer('Rings that the push firewall kept silent'),
  shadow: integer('Rings that it would have kept silent under shadow'),
  by_cause: mapOf(integer('Rings'), 'Those that were silent: over_budget, paused, pin_known'),
})
