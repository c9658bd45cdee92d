/** Service keys, settings, webhooks, keys and state of the deployment. */
import { call, type OperationOptions, type ParametersOf, read, type ValueOf } from '../call.ts'
import type { CallOptions, Nod } from '../connection.ts'
import type { Operations } from '../generated/operations.ts'
import type { Outcome } from '../outcome.ts'

export type ServiceKey = ValueOf<'GET /apikey'>[number]
export type Webhook = ValueOf<'GET /webhook'>[number]
export type Settings = ParametersOf<'POST /system/setConfig'>
export type Health = Operations['GET /healthz']['json']

/** Lists the service keys, without their secrets. */
export const listServiceKeys = (nod: Nod, options?: CallOptions): Promise<Outcome<readonly ServiceKey[]>> =>
  call(nod, 'GET /apikey', {}, options)

/** Creates a service key: `key` of the value, this once. */
export const createServiceKey = (
  nod: Nod,
  request: ParametersOf<'POST /apikey'>,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /apikey'>>> => call(nod, 'POST /apikey', request, options)

/** Gives a service key another secret: `key` of the value, this once. The one before stays valid for `overlap` seconds. */
export const rotateServiceKey = (
  nod: Nod,
  name: string,
  request: Omit<ParametersOf<'POST /apikey/{name}/rotate'>, 'name'> = {},
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /apikey/{name}/rotate'>>> =>
  call(nod, 'POST /apikey/{name}/rotate', { ...request, name }, options)

/** Revokes a service key with all its secrets, and withdraws the logins it has opened. */
export const revokeServiceKey = (nod: Nod, name: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'DELETE /apikey/{name}', { name }, options)

/** Reads the settings that are set. */
export const readSettings = (nod: Nod, options?: CallOptions): Promise<Outcome<ValueOf<'GET /system'>>> =>
  call(nod, 'GET /system', {}, options)

/** Changes settings: all that are given, or none. */
export const changeSettings = (
  nod: Nod,
  settings: Settings,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /system/setConfig'>>> => call(nod, 'POST /system/setConfig', settings, options)

/** Sets a setting to its default. The value says whether it was set. */
export const resetSetting = (nod: Nod, key: keyof Settings, options?: CallOptions): Promise<Outcome<boolean>> =>
  call(nod, 'DELETE /system/{key}', { key }, options)

/** Lists the Firebase configurations. */
export const listGateways = (nod: Nod, options?: CallOptions): Promise<Outcome<ValueOf<'GET /smsgateway'>>> =>
  call(nod, 'GET /smsgateway', {}, options)

/** Lists the webhooks, and how their receivers do. */
export const listWebhooks = (nod: Nod, options?: CallOptions): Promise<Outcome<readonly Webhook[]>> =>
  call(nod, 'GET /webhook', {}, options)

/** Adds a webhook. The value is what its receiver verifies events with. */
export const addWebhook = (
  nod: Nod,
  webhook: ParametersOf<'POST /webhook'>,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /webhook'>>> => call(nod, 'POST /webhook', webhook, options)

/** Sends a webhook a test event, and tells what its receiver has answered. */
export const testWebhook = (
  nod: Nod,
  name: string,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /webhook/{name}/test'>>> => call(nod, 'POST /webhook/{name}/test', { name }, options)

/** Deletes a webhook, and what waits for it. */
export const deleteWebhook = (nod: Nod, name: string, options?: CallOptions): Promise<Outcome<number>> =>
  call(nod, 'DELETE /webhook/{name}', { name }, options)

/** Tells whether Nod serves requests. */
export const health = (nod: Nod, options?: OperationOptions): Promise<Outcome<Health>> =>
  read(nod, 'GET /healthz', {}, options)

/** Tells administrators what there is to attend to. */
export const deepHealth = (nod: Nod, options?: OperationOptions): Promise<Outcome<Health>> =>
  read(nod, 'GET /healthz', { deep: 1 }, options)

/** Lists the keys that sign API tokens. */
export const listApiTokenKeys = (
  nod: Nod,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'GET /deployment/keys/api-token'>>> =>
  call(nod, 'GET /deployment/keys/api-token', {}, options)

/** Lists the keys that sign prompts, and how many tokens have each. */
export const listSigningKeys = (
  nod: Nod,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'GET /deployment/keys/signing'>>> => call(nod, 'GET /deployment/keys/signing', {}, options)

/** Lists the master keys by their fingerprints. */
export const listMasterKeys = (
  nod: Nod,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'GET /deployment/keys/master'>>> => call(nod, 'GET /deployment/keys/master', {}, options)

/** Lists the changes that restores of the database have lost. */
export const listLostChanges = (
  nod: Nod,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'GET /deployment/lost-changes'>>> => call(nod, 'GET /deployment/lost-changes', {}, options)

/** Exports what Nod has of a user, a page at a time: call it with `after` = `next` until that is null. */
export const exportUser = (
  nod: Nod,
  user: ParametersOf<'GET /deployment/user-data'>,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'GET /deployment/user-data'>>> => call(nod, 'GET /deployment/user-data', user, options)

/** Erases a user from every store, for ten seconds: call it until `done`. */
export const eraseUser = (
  nod: Nod,
  user: ParametersOf<'POST /deployment/user-data/erase'>,
  options?: CallOptions,
): Promise<Outcome<ValueOf<'POST /deployment/user-data/erase'>>> =>
  call(nod, 'POST /deployment/user-data/erase', user, options)
