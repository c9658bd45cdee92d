/** Nouns of the push firewall: what keeps a phone from being rung. */
import type { Seconds } from '../vocabulary.ts'

/** `shadow`: everything is decided and recorded, and nothing of it applied. */
export type FirewallMode = 'off' | 'shadow' | 'on'

/** How often a phone is rung for one source without success. */
export interface PushFirewall {
  readonly mode: Exclude<FirewallMode, 'off'>
  /** Rings within the window before silence begins. */
  readonly limit: number
  readonly window: Seconds
}

/** Why a phone is not rung for a login that opens all the same. */
export type Restriction = 'over_budget'
