import type { Ports } from '../ports/ports.ts'
import type { PhoneSigner, TokenTable } from '../ports/tokens.ts'
import { done } from '../refusal.ts'
import { addSeconds, instant, type Instant, seconds, type Serial } from '../vocabulary.ts'
import { batchedLookup } from './batched-lookup.ts'
import { LruCache } from './lru-cache.ts'
import { type SingleFlight, singleFlight } from './single-flight.ts'

/** Serials an isolate remembers: as many phones as are likely to poll it. */
const REMEMBERED = 10_000
/** How long D1 is not asked again after a failure: every phone that polls would wait for nothing. */
const PAUSE = seconds(2)
/** How long the key of a phone is believed without asking D1: another phone may have registered since. */
const SIGNER_LIFETIME = seconds(60)

export interface KnownSerials extends Pick<Ports['phones'], 'isKnown' | 'findSigner'> {
  /** Answers whether a phone has registered with a token of this serial. One that has is looked up once, and no serial twice at the same
   *  time. While D1 does not answer, every serial is taken to be registered. */
  readonly isRegistered: (serial: Serial) => Promise<boolean>
  /** The number of the object that the phone had when it was looked up; undefined: the first one, or unknown. */
  readonly objectNumber: (serial: Serial) => number | undefined
}

/** What an isolate knows of serials that anybody may have made up. */
export function knownSerials(tokens: Pick<TokenTable, 'record' | 'signers'>, now: () => Instant): KnownSerials {
  const registered = new LruCache<Serial, true>(REMEMBERED)
  const signers = new LruCache<Serial, { readonly signer: PhoneSigner; readonly at: Instant }>(REMEMBERED)
  const objectNumbers = new LruCache<Serial, number>(REMEMBERED)
  const lookups = new LruCache<Serial, SingleFlight<boolean>>(REMEMBERED)
  const lookUpSigners = batchedLookup((serials: readonly Serial[]) => tokens.signers(serials), now)
  let failedAt = instant(0)

  /** A clock that was set back ends the pause. */
  const isPaused = (): boolean => now() >= failedAt && now() < addSeconds(failedAt, PAUSE)

  function rememberSigner(serial: Serial, signer: PhoneSigner): void {
    registered.set(serial, true)
    signers.set(serial, { signer, at: now() })
  }

  async function lookUp(serial: Serial) {
    const found = await tokens.record(serial)
    if (!found.ok) return found
    const token = found.value
    if (token?.objectNumber !== undefined) objectNumbers.set(serial, token.objectNumber)
    if (token?.state === 'enrolled' && token.phoneKey !== undefined)
      rememberSigner(serial, { type: token.type, phoneKey: token.phoneKey })
    return done(token?.phoneKey !== undefined)
  }

  return {
    async isRegistered(serial) {
      if (registered.get(serial) === true || isPaused()) return true
      const lookup = lookups.get(serial) ?? singleFlight(() => lookUp(serial))
      lookups.set(serial, lookup)
      const found = await lookup.join()
      if (!found.ok) failedAt = now()
      else if (found.value) registered.set(serial, true)
      return !found.ok || found.value
    },

    objectNumber: (serial) => objectNumbers.get(serial),

    isKnown: (serial) => registered.get(serial) === true,

    async findSigner(serial) {
      const known = signers.get(serial)
      const isFresh = known !== undefined && now() >= known.at && now() < addSeconds(known.at, SIGNER_LIFETIME)
      if (isFresh || isPaused()) return known?.signer
      const found = await lookUpSigners(serial)
      if (!found.ok) {
        failedAt = now()
        return known?.signer
      }
      const signer = found.value.get(serial)
      if (signer !== undefined) rememberSigner(serial, signer)
      return signer
    },
  }
}
