/** Logins of one day and service that rang no phone because of the push firewall, or would not have. */
export interface FirewallCount {
  /** When they ended, UTC: `2026-11-29`. */
  readonly day: string
  /** The name of the service key that opened them. */
  readonly service?: string | undefined
  readonly why: string
  /** The phones rang all the same. */
  readonly isShadow: boolean
  readonly logins: number
  /** How many of them were finalized. */
  readonly accepted: number
}
