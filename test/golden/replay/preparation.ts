import { createPrivateKey, createPublicKey } from 'node:crypto'
import { at, type EnrolledBeforehand, type Json, type Recording, type SetupStep } from './recording.ts'
import { type Service, SetupError } from './service.ts'

/** Prepares the server for a recording: first nothing but users, then the recording's policies and tokens. */

const USERS = [
  { user: 'alice', givenname: 'Alice', surname: 'Anders', realm: 'realm1', resolver: 'reso1' },
  { user: 'bob', givenname: 'Bob', surname: 'Berger', realm: 'realm1', resolver: 'reso1' },
  { user: 'carol', givenname: 'Carol', surname: 'Curie', realm: 'realm1', resolver: 'reso1' },
  { user: 'erin', givenname: 'Erin', surname: 'Ek', realm: 'realm1', resolver: 'reso1' },
  { user: 'dave', givenname: 'Dave', surname: 'Dent', realm: 'realm2', resolver: 'reso2' },
]

/** Users that Nod makes when a recording enrolls a token for an unknown user; the next recording must not find them. */
const USERS_MADE_BY_TOKENS = [{ user: 'nobody', realm: 'realm1', resolver: 'reso1' }]

/** Settings that recordings set; each recording begins with none of them. */
const SETTINGS = ['PushChallengeValidityTime']

/** `created`: the replay creates the users, since Nod has no directory. `existing`: the server's directory has them. */
export type UserSource = 'created' | 'existing'

const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [])
const named = (entries: readonly Json[], key: string): string[] =>
  entries.map((entry) => at(entry, key)).filter((name) => typeof name === 'string')

/** Deletes policies, settings, challenges and tokens. Policies first: one of them may forbid the rest. Tokens last: a challenge
 *  whose token is gone is not listed, and would count when a recording deletes what has expired. */
export async function cleanUp(service: Service, directory: UserSource): Promise<void> {
  for (const name of named(listOf(await service.call('GET', '/policy/')), 'name'))
    await service.call('DELETE', `/policy/${name}`)
  for (const setting of SETTINGS) await service.attempt('DELETE', `/system/${setting}`)
  const challenges = at(await service.call('GET', '/token/challenges/?pagesize=500'), 'challenges') ?? []
  for (const id of new Set(named(listOf(challenges), 'transaction_id')))
    await service.call('DELETE', `/token/challenges/transaction/${id}`)
  const tokens = at(await service.call('GET', '/token/?pagesize=1000'), 'tokens') ?? []
  for (const serial of named(listOf(tokens), 'serial')) await service.call('DELETE', `/token/${serial}`)
  if (directory === 'created') await removeUsers(service)
}

async function removeUsers(service: Service): Promise<void> {
  const users = [...USERS, ...USERS_MADE_BY_TOKENS]
  for (const { user, realm, resolver } of users)
    await service.attempt('DELETE', `/user/${resolver}/${user}?realm=${realm}`)
}

export async function makeUsers(service: Service): Promise<void> {
  for (const realm of new Set(USERS.map((user) => user.realm))) await service.call('POST', `/realm/${realm}`)
  for (const user of USERS) await service.call('POST', '/user/', { ...user, email: `${user.user}@example.test` })
  await service.call('POST', '/defaultrealm/realm1')
}

/** Some recordings ring a phone thirteen times, or enroll another one for its user, of which privacyIDEA tells nobody: Nod does so
 *  only where policies say so. */
export async function setOldWays(service: Service): Promise<void> {
  for (const [scope, action] of [
    ['authentication', 'push_firewall'],
    ['enrollment', 'new_phone_notice'],
  ] as const)
    await service.call('POST', `/policy/replay_${action}`, { scope, action: `${action}=off` })
}

export async function carryOut(service: Service, step: SetupStep): Promise<void> {
  if (step.set_policy) return setPolicy(service, step.set_policy)
  // A policy that was refused cannot be deleted either; the refusal is a difference of its own.
  if (step.delete_policy !== undefined) return void (await service.attempt('DELETE', `/policy/${step.delete_policy}`))
  if (step.set_system_config) return void (await service.call('POST', '/system/setConfig', step.set_system_config))
  // Each recorded message says how Google answered it; the replay reads it there.
  if (step.step?.startsWith('Google ')) return
  throw new SetupError(`no way to carry out ${JSON.stringify(step)}`)
}

/** Replaces the policy completely: setting it again would keep the fields that are not sent. */
async function setPolicy(service: Service, { name, ...fields }: Record<string, Json>): Promise<void> {
  await service.attempt('DELETE', `/policy/${name}`)
  await service.call('POST', `/policy/${name}`, fields)
}

/** The public key as the recorded phones spelled it: DER SubjectPublicKeyInfo in padded URL-safe base64. */
function spelledKey(pem: string): string {
  const der = createPublicKey(createPrivateKey(pem)).export({ format: 'der', type: 'spki' })
  return der.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

export interface EnrolledToken {
  readonly credential: string
  /** The server's key as the phone got it. Absent for a token left in `clientwait`. */
  readonly publicKey?: string
}

const withoutNulls = (fields: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))

/** The first description that an answer shows of the token; `tokens` does not have it. */
function descriptionOf({ exchanges }: Recording, serial: string): Json {
  const listed = exchanges.flatMap(({ response }) => listOf(at(response.json, 'result', 'value', 'tokens') ?? []))
  return (
    at(
      listed.find((item) => at(item, 'serial') === serial),
      'description',
    ) ?? null
  )
}

export async function enroll(
  service: Service,
  token: EnrolledBeforehand,
  recording: Recording,
): Promise<EnrolledToken> {
  const { serial, user, realm, pin } = token
  const description = descriptionOf(recording, serial)
  const init = withoutNulls({ type: 'push', genkey: '1', serial, user, realm, pin, description })
  const first = await service.attempt('POST', '/token/init', init)
  const credential = at(first.json, 'detail', 'enrollment_credential')
  if (typeof credential !== 'string')
    throw new SetupError(`POST /token/init for ${serial}: ${JSON.stringify(first.json)}`)
  if (!token.enrolled) return { credential }
  const pubkey = spelledKey(recording.keys[token.phone] ?? '')
  const second = await service.postAsPhone({
    serial,
    fbtoken: token.fbtoken,
    pubkey,
    enrollment_credential: credential,
  })
  const publicKey = at(second.json, 'detail', 'public_key')
  if (typeof publicKey !== 'string') throw new SetupError(`second step for ${serial}: ${JSON.stringify(second.json)}`)
  return { credential, publicKey }
}
