/** The old server as it is before the move: real, with users whose phones have enrolled there. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { Driver } from '../../test/driver/driver.ts'
import { expectDone, type Kind as ServerKind, type OldServer, startOldServer } from '../../test/import/old-server.ts'
import { type Google } from '../../test/simulation/google.ts'
import { generateKeys, Phone, type PhoneOptions, type Prompt } from '../../test/simulation/phone.ts'
import type { PendingEnrollment } from '../../test/driver/driver.ts'
import { type Kind, phonesOf, REALMS, type User } from './people.ts'

/** Of its administrators: `admin`, and the accounts of Nod and of a plugin. */
export const OLD_PASSWORD = 'adminpw'
export const OLD_ACCOUNTS = { nod: 'nod', plugin: 'plugin' }

/** How PINs are hashed: so that Nod can compare them, or as the old server does unless told, so that Nod has to ask it about each once. */
export type PinHash = 'pbkdf2' | 'argon2'

const PREFIX = { privacyidea: 'PI', edumfa: 'EDUMFA' }

const ENROLLED_AT_ONCE = 4

/** A phone that only FCM reaches: it hears of its prompts, and asks for none. */
class PushedPhone extends Phone {
  override poll(): Promise<Prompt[]> {
    return Promise.resolve(this.openPrompts())
  }
}

/** Starts a new old server, whose messages go to this Google. */
export async function startOld(
  kind: ServerKind,
  version: string,
  folder: string,
  google: Google,
  pins: PinHash,
): Promise<OldServer> {
  const server = await startOldServer({
    kind,
    version,
    folder,
    google: google.url,
    ...(pins === 'argon2' ? {} : { settings: `${PREFIX[kind]}_HASH_ALGO_LIST = ['pbkdf2_sha512', 'argon2']` }),
  })
  try {
    // What `pi-manage admin add` does, without the minute that three of them take.
    const database = new DatabaseSync(join(folder, 'pi.db'), { timeout: 30_000 })
    for (const login of Object.values(OLD_ACCOUNTS))
      database
        .prepare(
          'INSERT INTO admin (username, password, email) SELECT ?, password, email FROM admin WHERE username = ?',
        )
        .run(login, 'admin')
    database.close()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Adds the realms of these users, and policies under which their phones register at the address. */
export async function prepareOld(
  { driver, kind, path }: OldServer,
  address: string,
  users: readonly User[],
  google: Google,
): Promise<void> {
  const { service } = driver
  for (const realm of REALMS) {
    const lines = users
      .filter((user) => user.realm === realm)
      .map(({ login }) => {
        const id = 2000 + Number(login.replace(/\D/g, ''))
        return `${login}:x:${id}:${id}:${login} Example,,,,${login}@old.example:/home/${login}:/bin/false\n`
      })
    writeFileSync(path(realm), lines.join(''))
    await expectDone(
      service.call('POST', `/resolver/${realm}`, { json: { type: 'passwdresolver', fileName: path(realm) } }),
    )
    await expectDone(service.call('POST', `/realm/${realm}`, { json: { resolvers: realm } }))
  }
  writeFileSync(path('service-account.json'), JSON.stringify(google.serviceAccount))
  const module = `${kind}.lib.smsprovider.FirebaseProvider.FirebaseProvider`
  const gateway = { name: 'fb1', module, 'option.JSON config file': path('service-account.json') }
  await expectDone(service.call('POST', '/smsgateway', { json: gateway }))

  const realm = [...REALMS]
  const loginsOf = (...kinds: readonly Kind[]): string[] =>
    users.filter((user) => kinds.includes(user.kind)).map(({ login }) => login)
  const enrollment = { push_registration_url: `${address}/ttype/push`, push_firebase_configuration: 'poll only' }
  await service.setPolicy('phones', 'enrollment', enrollment, { realm, priority: 2 })
  const pushed = { push_firebase_configuration: 'fb1' }
  await service.setPolicy('pushed', 'enrollment', pushed, { realm, priority: 1, user: loginsOf('pushed') })
  // Threads of the old server read its configuration again when the second of its last change has passed: without this, some would not know
  // the realms.
  await sleep(1_100)
  await service.setPolicy(
    'texts',
    'authentication',
    { push_text_on_mobile: 'Log in?', challenge_response: 'totp' },
    { realm },
  )
  if (kind === 'edumfa') return
  await service.setPolicy(
    'numbers',
    'authentication',
    { push_require_presence: true },
    { realm, user: loginsOf('presence') },
  )
  // docs/operating.md, "Move users from another server"
  const conditions = [['HTTP Request header', 'Nod-Own-Request', 'equals', '1', true, 'condition_is_false']]
  await service.setPolicy('nod', 'authentication', { disabled_token_types: 'push' }, { conditions })
}

/** Gives each user what their kind has. Returns the phones that have scanned a QR code and register later. */
export async function enrollAll(
  server: OldServer,
  users: readonly User[],
  onPhone: (phone: Phone) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<User, PendingEnrollment>> {
  const waiting = new Map<User, PendingEnrollment>()
  const queue = [...users]
  const enrollNext = async (): Promise<void> => {
    for (let user = queue.shift(); user !== undefined; user = queue.shift()) {
      signal.throwIfAborted()
      const pending = await enrollUser(server, user, onPhone)
      if (pending !== undefined) waiting.set(user, pending)
    }
  }
  await Promise.all(Array.from({ length: ENROLLED_AT_ONCE }, enrollNext))
  return waiting
}

async function enrollUser(
  { driver }: OldServer,
  user: User,
  onPhone: (phone: Phone) => void,
): Promise<PendingEnrollment | undefined> {
  const { login, realm, kind, pin, seed, held } = user
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    expectDone(driver.service.call('POST', path, { form }))
  for (let count = phonesOf(kind); count > 0; count--) {
    const phone = await newPhone(kind)
    onPhone(phone)
    const pending = await driver.beginEnrollment(login, { realm, pin, phone })
    if (kind === 'waiting') return pending
    const { serial } = await phone.register(pending.credential)
    held.push({ phone, serial, here: false, there: false })
    if (kind === 'disabled') await post(`/token/disable/${serial}`, {})
    if (kind === 'locked') {
      await post('/token/set', { serial, max_failcount: '3' })
      for (const pass of ['1', '2', '3']) await driver.service.check({ serial, pass })
    }
  }
  if (kind === 'totp') await post('/token/init', { type: 'totp', otpkey: seed, user: login, realm, pin })
  return undefined
}

/** A phone with a key of its own: phones that share one would hide that keys were mixed up. */
async function newPhone(kind: Kind): Promise<Phone> {
  const options: PhoneOptions = { keys: await generateKeys(), timeout: 60_000 }
  return kind === 'pushed' ? new PushedPhone(options) : new Phone(options)
}

/** Signs the plugin in at whoever answers at this address. */
export async function signedInPlugin(address: string): Promise<Driver['service']> {
  const driver = new Driver({ url: address }, { polled: REALMS[0] })
  await driver.signIn({ login: OLD_ACCOUNTS.plugin, password: OLD_PASSWORD })
  return driver.service
}
