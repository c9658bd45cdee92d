/** The test users of a load: a realm, an enrollment policy, a service key and users with simulated phones, all of one name. */
import { type Fetch, generateKeys, Phone, type PhoneState } from '../../test/simulation/phone.ts'
import { fields, readReply, summary } from '../../test/simulation/reply.ts'
import { Fault } from '../lib/tools.mjs'
import type { NodClient } from '../nod/client.ts'
import type { TestUser } from './login.ts'

/** Every name of a load begins so. Nothing else is ever removed. */
const PREFIX = 'load-'
/** No list of realms and no pattern, which the list of tokens would take. */
const NAME = /^load-[0-9a-z]+$/
/** The pattern of the names of a load's users. */
const USER = /^user[0-9]+$/
const ENROLLED_AT_ONCE = 8
const PAGE = 500

/** What `--keep` writes: whoever has it logs in as these users. */
export interface StoredUsers {
  readonly url: string
  readonly name: string
  readonly serviceKey: string
  readonly pin: string
  readonly users: readonly { readonly user: string; readonly serial: string; readonly phone: PhoneState }[]
}

export interface TestUsers {
  readonly name: string
  readonly serviceKey: string
  readonly pin: string
  readonly users: readonly TestUser[]
}

interface PhoneOptions {
  readonly fetch: Fetch
  /** Milliseconds. */
  readonly timeout: number
}

export const newName = (now = Date.now()): string => PREFIX + now.toString(36)

/** Makes so many users, whose phones are reached by polling only: no message goes to Google. They share one new key pair.
 *  Throws a Fault with Nod's own words if it is refused. */
export async function createUsers(
  client: NodClient,
  name: string,
  count: number,
  options: PhoneOptions,
  stop: AbortSignal,
): Promise<TestUsers> {
  await client.post(`/realm/${name}`)
  const action = {
    push_firebase_configuration: 'poll only',
    push_registration_url: `${client.url}/ttype/push`,
    new_phone_notice: 'off',
  }
  await client.post(`/policy/${name}`, { scope: 'enrollment', realm: [name], action })
  const key = fields(await client.post('/apikey', { name, role: 'validate' }))['key']
  const pin = String(crypto.getRandomValues(new Uint32Array(1))[0]).padStart(10, '0')
  const keys = await generateKeys()
  const users: TestUser[] = []
  const enrollOthers = async (first: number): Promise<void> => {
    for (let index = first; index < count && !stop.aborted; index += ENROLLED_AT_ONCE) {
      const owner = { user: `user${index}`, realm: name }
      const reply = await readReply(
        await client.fetch('POST', '/token/init', { json: { type: 'push', genkey: 1, pin, ...owner } }),
      )
      const uri = reply.detail.pushurl?.value
      if (uri === undefined) throw new Fault(`A test user cannot be enrolled: ${summary(reply)}`)
      const phone = new Phone({ ...options, keys })
      const { serial } = await phone.register(phone.scan(uri))
      users.push({ owner, serial, phone })
    }
  }
  await Promise.all(Array.from({ length: ENROLLED_AT_ONCE }, (_, first) => enrollOthers(first)))
  return { name, serviceKey: String(key), pin, users }
}

export async function storedUsers(url: string, { name, serviceKey, pin, users }: TestUsers): Promise<StoredUsers> {
  const stored = users.map(async ({ owner, serial, phone }) => ({
    user: owner.user,
    serial,
    phone: await phone.state(),
  }))
  return { url, name, serviceKey, pin, users: await Promise.all(stored) }
}

export function usersFrom({ name, serviceKey, pin, users }: StoredUsers, options: PhoneOptions): TestUsers {
  return {
    name,
    serviceKey,
    pin,
    users: users.map(({ user, serial, phone }) => ({
      owner: { user, realm: name },
      serial,
      phone: Phone.from(phone, options),
    })),
  }
}

/** Removes everything that the load of this name has made, whatever of it is there: it asks the server, not this process. The records of
 *  its logins stay in the audit. Throws a Fault if something is left, or if the realm has what no load makes: then it is somebody's own realm
 *  of such a name. */
export async function removeUsers(client: NodClient, name: string): Promise<void> {
  if (!NAME.test(name)) throw new Fault(`${name} is no load: the name of one begins with ${PREFIX}`)
  const gone = async (method: string, path: string, query = {}): Promise<void> => {
    const reply = await readReply(await client.fetch(method, path, { query }))
    // 404/601: it is not there.
    if (reply.status !== 200 && reply.status !== 404) throw new Fault(`${method} ${path}: ${summary(reply)}`)
  }
  for (;;) {
    const page = await client.get('/token/', { tokenrealm: name, pagesize: String(PAGE), origin: 'nod' })
    const tokens = listOf(fields(page)['tokens']).map(fields)
    if (tokens.length === 0) break
    const other = tokens.find((one) => one['user_realm'] !== name || !USER.test(String(one['username'])))
    if (other !== undefined)
      throw new Fault(
        `${name} has the token ${String(other['serial'])}, which no load has made. Nothing more is removed`,
      )
    for (const token of tokens) await gone('DELETE', `/token/${String(token['serial'])}`)
  }
  await gone('DELETE', `/apikey/${name}`)
  await gone('DELETE', `/policy/${name}`)
  for (;;) {
    const users = listOf(await client.get('/user/', { realm: name, pagesize: String(PAGE) }))
    if (users.length === 0) break
    for (const user of users) await gone('DELETE', `/user/nod/${String(fields(user)['username'])}`, { realm: name })
  }
  const realms = fields(await client.get('/realm/'))
  if (name in realms) await gone('DELETE', `/realm/${name}`)
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
