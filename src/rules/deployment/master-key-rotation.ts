import { addSeconds, type Instant, type Seconds, seconds, secondsUntil } from '../../vocabulary.ts'
import type { ConfiguredKeyIds, MasterKeyId, MasterKeyState } from '../../vocabulary/master-keys.ts'
import { isNeeded } from './master-keys.ts'

/** How long after a deployment objects and isolates may still have its earlier secrets. */
export const SECRETS_SPREAD = seconds(300)
/** How long after a key became current a value may still be sealed with the earlier one. An isolate seals with a snapshot of at
 *  most two seconds, and D1 has two seconds to write; the rest is margin. */
const SEALING_SETTLES = seconds(30)

/** What the next step of a rotation does. */
export type RotationPlan =
  | { readonly kind: 'refuse'; readonly why: string }
  /** The new key is not readable everywhere yet. */
  | { readonly kind: 'wait'; readonly seconds: Seconds }
  /** `MASTER_KEY` becomes current. */
  | { readonly kind: 'switch'; readonly from: MasterKeyId }
  | { readonly kind: 'reseal' }

/** Decides the next step towards a deployment where only `MASTER_KEY` is in use. `remaining`: how many values are not sealed
 *  with it. */
export function planRotation(
  state: MasterKeyState,
  { key, previous }: ConfiguredKeyIds,
  remaining: number,
  now: Instant,
): RotationPlan {
  const target = state.keys.find(({ id }) => id === key)
  if (state.current === undefined || target === undefined)
    return { kind: 'refuse', why: 'this database has not taken MASTER_KEY yet; send any request, then rotate' }
  const isPreviousKnown = previous === undefined || state.keys.some(({ id }) => id === previous)
  if (previous === key)
    return { kind: 'refuse', why: 'MASTER_KEY_PREVIOUS is the same key as MASTER_KEY; set MASTER_KEY to the new one' }
  if (state.current === key) {
    if (!isPreviousKnown)
      return {
        kind: 'refuse',
        why: `MASTER_KEY_PREVIOUS is the key ${previous}, which this database has never had; set it to the key before, or remove it`,
      }
    if (previous === undefined && remaining === 0)
      return {
        kind: 'refuse',
        why: 'there is nothing to rotate; set MASTER_KEY to the new key and MASTER_KEY_PREVIOUS to the present one, deploy, then rotate',
      }
    // Until then values are sealed in the form of the version before.
    const since = target.currentSince ?? now
    return now < since ? { kind: 'wait', seconds: secondsUntil(since, now) } : { kind: 'reseal' }
  }
  if (target.compromisedAt !== undefined)
    return { kind: 'refuse', why: `MASTER_KEY is the key ${key}, which was reported as compromised; make a new one` }
  if (target.unusedSince !== undefined)
    return { kind: 'refuse', why: `MASTER_KEY is the key ${key}, which was rotated away from; make a new one` }
  // A key that was current before is needed, so it has been configured all the time.
  const readable = target.currentSince === undefined ? addSeconds(target.firstSeen, SECRETS_SPREAD) : now
  return now < readable
    ? { kind: 'wait', seconds: secondsUntil(readable, now) }
    : { kind: 'switch', from: state.current }
}

/** Returns for how long values may still be sealed with the earlier key; 0: none can be. */
export function settlesIn({ current, keys }: MasterKeyState, now: Instant): Seconds {
  const since = keys.find(({ id }) => id === current)?.currentSince
  return secondsUntil(since === undefined ? now : addSeconds(since, SEALING_SETTLES), now)
}

/** Says how far a rotation is. `isUnderWay`: values may be left to be sealed anew. */
export function masterKeyHealth(
  { current, keys }: MasterKeyState,
  { key, previous }: ConfiguredKeyIds,
): { readonly isWell: boolean; readonly isUnderWay: boolean; readonly info: string } {
  const left = keys.some((one) => one.id !== key && isNeeded(one))
  if (current !== key)
    return {
      isWell: false,
      isUnderWay: true,
      info: `the key ${current} is current, not MASTER_KEY (${key}): npm run nod -- rotate`,
    }
  if (left) return { isWell: false, isUnderWay: true, info: 'a rotation has not ended: npm run nod -- rotate' }
  if (previous === key)
    return { isWell: false, isUnderWay: false, info: `MASTER_KEY_PREVIOUS is the same key as MASTER_KEY (${key})` }
  if (previous !== undefined)
    return {
      isWell: false,
      isUnderWay: false,
      info: `nothing is sealed with MASTER_KEY_PREVIOUS (${previous}): it may go`,
    }
  return { isWell: true, isUnderWay: false, info: `MASTER_KEY (${key}) is the only key` }
}
