import { PHONE_VERBS, type PhoneObject } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { readPhoneObjectName } from '../vocabulary/phones.ts'
import { PhoneKeeper } from './phone.ts'
import { PhoneMover } from './phone-mover.ts'

/** Opens an object of a phone. Its calls go through the mover, which knows whether this object serves. */
export function openPhone(ctx: DurableObjectState, ports: Ports): PhoneObject & { alarm(): Promise<void> } {
  const name = readPhoneObjectName(ctx.id.name ?? '')
  const keeper = new PhoneKeeper(ctx, ports, name)
  const mover = new PhoneMover(name, ctx.storage, ports, keeper.work)
  const isOfMover = (verb: string): verb is keyof PhoneObject & keyof PhoneMover => verb in mover
  const calls = (Object.keys(PHONE_VERBS) as (keyof PhoneObject)[]).map((verb) => {
    const method = Reflect.get(isOfMover(verb) ? mover : keeper, verb) as (
      request: unknown,
    ) => Promise<Outcome<unknown>>
    return [
      verb,
      isOfMover(verb)
        ? (request: unknown) => method.call(mover, request)
        : (request: unknown) => mover.run(verb, () => method.call(keeper, request)),
    ]
  })
  return { ...(Object.fromEntries(calls) as PhoneObject), alarm: () => mover.alarm() }
}
