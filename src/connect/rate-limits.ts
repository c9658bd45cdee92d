import type { Ports } from '../ports/ports.ts'
import type { RateLimits } from '../ports/rate-limits.ts'
import { wideNetworkOf } from '../rules/deployment/addresses.ts'
import { addInProgress, countInWindow, type CountedWindow, REFUSED_FOR } from '../rules/deployment/rate-limits.ts'
import { LruCache } from '../storage/lru-cache.ts'
import { addSeconds, type Instant, seconds } from '../vocabulary.ts'
import { RATE_LIMIT_BINDINGS, RATE_LIMITS, type RateLimitName } from '../vocabulary/rate-limits.ts'

/** The method of the platform's binding that Nod uses. */
export interface RateLimitBinding {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>
}

/** The most networks, things and names that an isolate remembers, of each. */
const REMEMBERED = 10_000
/** One miss in 16, drawn at random, also counts for the wide network. So the wide network may have 16 times as many. */
const WIDE_SHARE = 16

/** Connects the rate limits to their bindings, by name. A limit without a binding counts nothing. */
export function rateLimits(
  env: Readonly<Record<string, unknown>>,
  isOn: boolean,
  { now, random, log }: Pick<Ports, 'now' | 'random' | 'log'>,
): RateLimits {
  const bindings = new Map(
    RATE_LIMITS.flatMap((limit): readonly (readonly [RateLimitName, RateLimitBinding])[] => {
      const binding = env[RATE_LIMIT_BINDINGS[limit]]
      return isOn && isBinding(binding) ? [[limit, binding]] : []
    }),
  )
  const refusedUntil = new LruCache<string, Instant>(REMEMBERED)
  const repeats = new LruCache<string, CountedWindow>(REMEMBERED)
  const inProgress = new LruCache<string, readonly Instant[]>(REMEMBERED)
  const remembered = new LruCache<string, true>(REMEMBERED)

  const secondsUntil = (key: string): number => {
    const left = ((refusedUntil.get(key) ?? 0) - now()) / 1000
    // A clock that was set back refuses nobody for long.
    return left > REFUSED_FOR ? 0 : Math.max(0, Math.ceil(left))
  }

  /** Counts one more for this key. Answers whether the key is still within the limit. */
  async function isWithin(limit: RateLimitName, key: string): Promise<boolean> {
    try {
      return (await bindings.get(limit)?.limit({ key }))?.success ?? true
    } catch (error) {
      log('rate_limit_failed', { limit, error: String(error) })
      return true
    }
  }

  return {
    status: isOn ? 'on' : 'off',
    unbound: isOn ? RATE_LIMITS.filter((limit) => !bindings.has(limit)) : [],
    wait: (limit, network) => seconds(Math.max(...networksOf(network).map((one) => secondsUntil(keyOf(limit, one))))),
    async count(limit, network) {
      if (!bindings.has(limit)) return false
      const isWideCounted = (random(1)[0] ?? 0) < 256 / WIDE_SHARE
      const counted = networksOf(network).slice(0, isWideCounted ? 2 : 1)
      const within = await Promise.all(counted.map((one) => isWithin(limit, keyOf(limit, one))))
      const exceeded = counted.filter((_, index) => within[index] === false).map((one) => keyOf(limit, one))
      const isNew = exceeded.some((key) => secondsUntil(key) === 0)
      for (const key of exceeded) refusedUntil.set(key, addSeconds(now(), REFUSED_FOR))
      return isNew
    },
    countRepeat(thing, network) {
      if (!isOn) return seconds(0)
      const key = keyOf(thing, network)
      const { window, wait } = countInWindow(repeats.get(key), now())
      repeats.set(key, window)
      return wait
    },
    begin(network) {
      if (!isOn) return () => undefined
      const at = now()
      const added = addInProgress(inProgress.get(network) ?? [], at)
      if (added === undefined) return undefined
      inProgress.set(network, added)
      return () => {
        const left = inProgress.get(network) ?? []
        const index = left.indexOf(at)
        inProgress.set(network, index < 0 ? left : left.toSpliced(index, 1))
      }
    },
    remember: (limit, network, name) => remembered.set(keyOf(limit, network, name), true),
    isRemembered: (limit, network, name) => remembered.get(keyOf(limit, network, name)) === true,
  }
}

const isBinding = (value: unknown): value is RateLimitBinding =>
  typeof value === 'object' && value !== null && 'limit' in value

const keyOf = (...parts: readonly string[]): string => parts.join(' ')

/** The network, and its wide network if it has one. */
function networksOf(network: string): readonly string[] {
  const wide = wideNetworkOf(network)
  return wide === undefined ? [network] : [network, wide]
}
