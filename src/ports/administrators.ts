/** The table of administrators: all but the one that the configuration names. */
import type { Outcome } from '../refusal.ts'
import type { AdministratorRole, Instant } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

export interface Administrator {
  readonly login: string
  readonly role: AdministratorRole
  /** An API token carries it and is void with any other. It is random, and changes with the password. Absent for the administrator
   *  whom the configuration names: theirs is `ApiTokenKey.bootstrapGeneration`. */
  readonly generation?: string
  readonly disabled: boolean
  /** Signs in by password and phone only. */
  readonly phoneRequired: boolean
  /** Sealed; absent for the administrator whom the configuration names. */
  readonly password?: string
  readonly createdAt?: Instant
}

export interface NewAdministrator {
  readonly login: string
  readonly role: AdministratorRole
  /** Sealed. */
  readonly password: string
  readonly createdAt: Instant
}

/** A password is sealed. */
export type AdministratorChange =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'disabled'; readonly disabled: boolean }
  | { readonly kind: 'phone_required'; readonly required: boolean }
  | { readonly kind: 'deleted' }

export interface AdministratorTable {
  /** False when the login is taken, in whatever case. */
  add(administrator: NewAdministrator, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Voids the API tokens issued before. False when there is no such administrator. */
  change(login: string, change: AdministratorChange, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Says whether the administrator whom the configuration names signs in by password and phone only. */
  requireConfiguredPhone(required: boolean, entry: AuditEntry): Promise<Outcome<void>>
}
