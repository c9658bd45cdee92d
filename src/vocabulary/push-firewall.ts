/** Nouns of the push firewall: what keeps a phone from being rung. */
import type { Seconds } from '../vocabulary.ts'
import type { FraudReportMode } from './fraud-reports.ts'

/** `shadow`: everything is decided and recorded, and nothing of it applied. */
export type FirewallMode = 'off' | 'shadow' | 'on'

/** How often a phone is rung for one source without success. */
export interface PushFirewall {
  readonly mode: Exclude<FirewallMode, 'off'>
  /** Rings within the window before silence begins. */
  readonly limit: number
  readonly window: Seconds
  /** What follows from fraud reports; absent if nothing does. */
  readonly reports?: Exclude<FraudReportMode, 'shadow'>
}

/** Why a login opens in a mode that needs what the login screen shows. Unless it is `pin_known`, its phone is not rung either. `no_proof`:
 *  whoever opened it has proven nothing, because the token has no PIN. */
export type Restriction = 'over_budget' | 'paused' | 'pin_known' | 'no_proof'
