/** Where rings of one phone come from, and which of these sources its owner has used before. No clock, no storage.
 *  Source: docs/protocol.md, "Ring budget"; decision 0044. */
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'

/** Who opened a login, and where its end user is. */
export interface RingOrigin {
  /** The name of the caller, as its key or administrator is called; absent for callers without a credential. */
  readonly service?: string | undefined
  /** A digest of the network of the end user's address, if that is believed. */
  readonly place?: string | undefined
}

/** The name of a place or service that is known for the owner, and until when it is. */
export type KnownName = readonly [name: string, until: Instant]

/** Where the owner has logged in from; absent parts are empty. */
export interface KnownSources {
  readonly places?: readonly KnownName[]
  /** Services that named no address; the empty name is that of callers without a credential. */
  readonly services?: readonly KnownName[]
}

const KNOWN_TIME = seconds(30 * 86_400)
const MAX_SERVICES = 8

/** The name under which a ring is counted: its service and its place. */
export const sourceOf = ({ service = '', place = '' }: RingOrigin): string => `${place}/${service}`

/** Whether the owner has logged in from this place or, where there is none, by this service, in the last thirty days. */
export function isKnownSource(
  { places = [], services = [] }: KnownSources,
  { service = '', place }: RingOrigin,
  now: Instant,
): boolean {
  const isListed = (list: readonly KnownName[], name: string): boolean =>
    list.some(([known, until]) => known === name && now < until)
  return place === undefined ? isListed(services, service) : isListed(places, place)
}

/** Returns the services after a success of this origin. Its place, if there is one, is kept with the guesses (`pin-guesses.ts`). */
export function knownServices({ services = [] }: KnownSources, origin: RingOrigin, now: Instant): readonly KnownName[] {
  const { service = '', place } = origin
  const others = services.filter(([known, until]) => known !== service && now < until)
  return place === undefined ? [...others.slice(1 - MAX_SERVICES), [service, addSeconds(now, KNOWN_TIME)]] : services
}
