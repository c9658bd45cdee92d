/** Nouns of the audit. */
import type { Instant, Owner, Serial } from '../vocabulary.ts'
import type { UnopenedLogin } from './login-reports.ts'
import type { StepEvent } from './login-steps.ts'

/** A step of a login as the audit stores it. A step with an `action` is a line of the audit. */
export type AuditStep = StepEvent & {
  readonly at: Instant
  /** The opening has those of all its tokens, with commas between. */
  readonly serial?: Serial | string
  readonly action?: string
  readonly success?: boolean
  readonly authentication?: string
  readonly info?: string
  readonly address?: string
  readonly userAgent?: string
  /** When the request came that made the step. */
  readonly receivedAt?: Instant
}

/** A record of the audit: a login with its steps, or a request that opened no login. */
export interface AuditRecord {
  /** When the login or the request ended; no step is later. */
  readonly at: Instant
  readonly action: string
  readonly success: boolean
  readonly authentication: string
  readonly transaction?: string
  readonly serial?: string
  readonly owner?: Owner
  readonly administrator?: string
  readonly service?: string
  readonly address?: string
  readonly userAgent?: string
  readonly info?: string
  /** How many requests it stands for, if they were counted together. */
  readonly count?: number
  /** A stranger's: see `rules/login/audit-evidence.ts`. */
  readonly stranger?: true
  readonly steps?: readonly AuditStep[]
  /** How long the request took, in milliseconds; of a login that has ended Nod's own time in all its steps. */
  readonly duration?: number
  /** Names of the policies that decided, with commas between. */
  readonly policies?: string
  /** Present for a request that was to log somebody in and opened no login. It is counted, and not stored. */
  readonly unopened?: UnopenedLogin
}

/** A value before and after a change; absent where there was or is none. */
export interface AuditedChange {
  readonly before?: unknown
  readonly after?: unknown
}

/** The last link of a shard's chain; number 0 and no hash before the first. */
export interface ChainHead {
  readonly number: number
  readonly hash: string
  /** The position of its last record; absent where nobody has read it. */
  readonly last?: number
}

/** A line of the audit as administrators read it: a request, or a step of a login. A text is empty if there is none. */
export interface AuditLine {
  readonly at: Instant
  /** The name of its record: the transaction of a login, or the shard and the sequence number there. */
  readonly record: string
  /** The index of the step in the record. */
  readonly step: number
  readonly shard: string
  readonly action: string
  readonly success: boolean
  readonly authentication: string
  readonly serial: string
  readonly user: string
  readonly realm: string
  readonly administrator: string
  readonly detail: string
  readonly info: string
  readonly address: string
  readonly userAgent: string
  readonly transaction: string
  readonly service: string
  /** Names of policies, with commas between. */
  readonly policies: string
  /** How long the request took, or the login had been going on by then, in milliseconds. */
  readonly duration: number
}

/** The fields that lines are filtered and sorted by. `client` is the name at the beginning of the user agent. */
export type AuditField = Exclude<keyof AuditLine, 'at' | 'record' | 'step' | 'userAgent' | 'duration'> | 'client'

/** Whether the field matches the pattern, or, `negated`, does not. Case is ignored, and `*` stands for any text. */
export interface AuditCondition {
  readonly field: AuditField
  readonly pattern: string
  readonly negated: boolean
}

export interface AuditFilter {
  /** A line has to meet all of them. */
  readonly conditions: readonly AuditCondition[]
  readonly since?: Instant
  /** Exclusive. */
  readonly until?: Instant
  /** Only lines of these users; without a login, of all users of the realm. */
  readonly owners?: readonly { readonly realm: string; readonly login?: string }[]
}

export interface AuditOrder {
  readonly field: AuditField | 'at'
  readonly ascending: boolean
}
