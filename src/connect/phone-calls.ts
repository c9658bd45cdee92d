import { PHONE_VERBS, type PhoneObject } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { LruCache } from '../storage/lru-cache.ts'
import type { Region, Serial } from '../vocabulary.ts'
import type { PhoneObjectName } from '../vocabulary/phones.ts'
import { callable, callObject, objectCalls } from './object-calls.ts'

/** How many phones that have moved an isolate remembers. */
const REMEMBERED = 10_000
/** How often one call is sent on. Every earlier object is told of the latest one, so that once is enough; more only while that goes on. */
const MOST_HOPS = 4

/**
 * Makes phones callable. `stub` reaches an object of a phone. A call that finds that the phone has moved is made again at the object that
 * it has now, and this isolate's next calls go there at once.
 */
export function phoneCalls(
  stub: (name: PhoneObjectName, near: Region | undefined) => PhoneObject,
  world: Pick<Ports, 'now' | 'log'>,
): Pick<Ports['phones'], 'of' | 'at'> {
  const moved = new LruCache<Serial, number>(REMEMBERED)

  async function call(name: PhoneObjectName, near: Region | undefined, verb: string, request: unknown) {
    const { serial } = name
    const { onLostReply } = PHONE_VERBS[verb as keyof typeof PHONE_VERBS]
    let number = Math.max(name.number, moved.get(serial) ?? 0)
    for (let hops = 0; ; hops++) {
      const at = { serial, number }
      const outcome = await callObject('Phone', () => stub(at, near), verb, onLostReply, request, world)
      const next = movedTo(outcome)
      if (next === undefined || hops === MOST_HOPS) return outcome
      moved.set(serial, next)
      number = next
    }
  }

  return {
    of: (serial, near, number = 0) =>
      callable(PHONE_VERBS, (verb, request) => call({ serial, number }, near, verb, request)),
    at: (name, near) => objectCalls('Phone', () => stub(name, near), PHONE_VERBS, world),
  }
}

const movedTo = (outcome: Outcome<unknown>): number | undefined =>
  !outcome.ok && outcome.refusal.reason === 'storage_unavailable' ? outcome.refusal.movedTo : undefined
