import { call, download, exchange, type DetailOf, type ParametersOf, type ValueOf } from '../call.ts'
import type { CallOptions, Nod } from '../connection.ts'
import { mapped, type Outcome } from '../outcome.ts'

/** A policy as Nod lists it. */
export type Policy = ValueOf<'GET /policy'>[number]
/** What is written of a policy; what is left out stays as it is. */
export type PolicyChange = Omit<ParametersOf<'POST /policy/{name}'>, 'name'>
/** The actions of each scope, with type, description and default. */
export type PolicyDefinitions = ValueOf<'GET /policy/defs'>

/** Lists the policies, all or those of a scope or realm. */
export const listPolicies = (
  nod: Nod,
  filter: ParametersOf<'GET /policy'> = {},
  options?: CallOptions,
): Promise<Outcome<readonly Policy[]>> => call(nod, 'GET /policy', filter, options)

/** Finds a policy by its name. Undefined if there is none. */
export const findPolicy = async (nod: Nod, name: string, options?: CallOptions): Promise<Outcome<Policy | undefined>> =>
  mapped(await call(nod, 'GET /policy/{name}', { name }, options), (found) => found[0])

/** Creates or changes a policy. */
export const savePolicy = (
  nod: Nod,
  name: string,
  change: PolicyChange,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /policy/{name}'>>> => call(nod, 'POST /policy/{name}', { ...change, name }, options)

/** Deletes a policy. */
export const deletePolicy = (nod: Nod, name: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'DELETE /policy/{name}', { name }, options)

/** Lets a policy apply. `confirm` accepts combinations that are refused without it. */
export const enablePolicy = (
  nod: Nod,
  name: string,
  confirm?: readonly string[],
  options?: CallOptions,
): Promise<Outcome<number>> => call(nod, 'POST /policy/enable/{name}', { name, confirm }, options)

/** Keeps a policy without letting it apply. */
export const disablePolicy = (nod: Nod, name: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'POST /policy/disable/{name}', { name }, options)

/** Gives a policy another name. */
export const renamePolicy = (nod: Nod, name: string, to: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'PATCH /policy/{name}', { '{name}': name, name: to }, options)

/** Describes every action that a policy may have, by scope. */
export const policyDefinitions = (nod: Nod, options?: CallOptions): Promise<Outcome<PolicyDefinitions>> =>
  call(nod, 'GET /policy/defs', {}, options)

/** Tells what the policies come to for a request that nobody makes: of this user, from this address, at this time. */
export const simulatePolicies = (
  nod: Nod,
  situation: ParametersOf<'POST /policy/simulate'>,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /policy/simulate'>>> => call(nod, 'POST /policy/simulate', situation, options)

/** All policies as a file in privacyIDEA's format. */
export const exportPolicies = (nod: Nod, options?: CallOptions): Promise<Outcome<Blob>> =>
  download(nod, 'GET /policy/export/{filename}', { filename: 'policies.cfg' }, options)

export interface PolicyImport extends Pick<DetailOf<'POST /policy/import/{filename}'>, 'policies' | 'left_out'> {
  /** How many policies were imported. */
  readonly count: number
}

/** Imports all policies of a file, or none. `skip` leaves out what Nod does not know, and says so in `left_out`. */
export const importPolicies = async (
  nod: Nod,
  request: Omit<ParametersOf<'POST /policy/import/{filename}'>, 'filename'>,
  options?: CallOptions,
): Promise<Outcome<PolicyImport>> => {
  const parameters = { ...request, filename: 'policies.cfg' }
  return mapped(
    await exchange(nod, 'POST /policy/import/{filename}', parameters, options),
    ({ value, detail: { policies, left_out } }) => ({ count: value, policies, left_out }),
  )
}
