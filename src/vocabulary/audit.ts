/** Nouns of the audit. */
import type { Instant, Owner, Serial } from '../vocabulary.ts'
import type { StepEvent } from './login-steps.ts'

/** One entry of a login's timeline, as the audit keeps it. With an action it is a line of its own. */
export type AuditStep = StepEvent & {
  readonly at: Instant
  /** Of an opening several, with commas between. */
  readonly serial?: Serial | string
  readonly action?: string
  readonly success?: boolean
  readonly authentication?: string
  readonly info?: string
  readonly address?: string
  readonly userAgent?: string
}

/** A record of the audit: a login with its steps, or a request that opened none. */
export interface AuditRecord {
  /** When it was over; no step is later. */
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
  /** Of requests that were counted together, how many. */
  readonly count?: number
  readonly steps?: readonly AuditStep[]
}

/** One line of the audit as administrators read it: a request, or one step of a login. A text is empty where there is
 *  nothing to say. */
export interface AuditLine {
  readonly at: Instant
  /** The record it belongs to: a login's by its transaction, any other by its shard and its place there. */
  readonly record: string
  /** Its place in that record. */
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
}

/** What lines are filtered and sorted by; `client` is the name at the beginning of the user agent. */
export type AuditField = Exclude<keyof AuditLine, 'at' | 'record' | 'step' | 'userAgent'> | 'client'

/** The field reads like the pattern, in whatever case, `*` standing for anything; or it does not. */
export interface AuditCondition {
  readonly field: AuditField
  readonly pattern: string
  readonly negated: boolean
}

export interface AuditFilter {
  /** All of them hold. */
  readonly conditions: readonly AuditCondition[]
  readonly since?: Instant
  /** Up to and without. */
  readonly until?: Instant
  /** Of these users, or of all of their realm, and of nobody else. */
  readonly owners?: readonly { readonly realm: string; readonly login?: string }[]
}

export interface AuditOrder {
  readonly by: AuditField | 'at'
  readonly ascending: boolean
}
