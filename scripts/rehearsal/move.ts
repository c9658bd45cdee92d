/** The move itself, step by step as docs/moving-in.md has it. */
import { join } from 'node:path'
import type { PendingEnrollment } from '../../test/driver/driver.ts'
import { Driver } from '../../test/driver/driver.ts'
import type { OldServer } from '../../test/import/old-server.ts'
import { nod as runNod } from '../../test/served/nod-command.ts'
import { NodProcess } from '../../test/served/nod-process.ts'
import type { Google } from '../../test/simulation/google.ts'
import { fields } from '../../test/simulation/reply.ts'
import type { Service } from '../../test/simulation/service.ts'
import { Fault } from '../lib/tools.mjs'
import { Address, type Target } from './address.ts'
import { OLD_ACCOUNTS, OLD_PASSWORD, signedInPlugin } from './old-world.ts'
import { type Held, isUsable, type Realm, type User } from './people.ts'
import { faultLine, isFault } from './result.ts'
import { Traffic } from './traffic.ts'

const ADMIN = { ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'adminpw-of-the-rehearsal' }
const LOGINS_AT_ONCE = 4
/** How often all users log in until each phone has. */
const ROUNDS = 3

export interface Before {
  readonly old: OldServer
  /** The old server; hears of what it accepts. */
  readonly oldTarget: Target
  readonly address: Address
  readonly google: Google
  readonly users: readonly User[]
  readonly waiting: ReadonlyMap<User, PendingEnrollment>
  readonly acceptedThere: (id: string) => boolean
  readonly folder: string
  /** How many logins each step waits for. */
  readonly logins: number
  readonly plantsLoss: boolean
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

export interface Moved {
  readonly traffic: Traffic
  /** The tokens that did not log their users in any more, at Nod or after the way back. */
  readonly broken: ReadonlySet<string>
}

/** Moves all realms and one of them back, while users log in. */
export async function move(before: Before): Promise<Moved> {
  const { old, oldTarget, address, google, users, waiting, folder, logins, say, signal } = before
  let plugin = (): Promise<Service> => signedInPlugin(address.url)
  const anonymous = new Driver({ url: address.url }, { polled: 'north' }).caller()
  const traffic = new Traffic(
    { plain: anonymous, triggering: () => plugin(), acceptedThere: before.acceptedThere },
    signal,
    (attempt) => {
      if (isFault(attempt)) say(faultLine(attempt))
    },
  )
  const broken = new Set<string>()
  const stopping: (() => Promise<unknown>)[] = []
  const step = (name: string): void => {
    traffic.phase = name
    say(name)
  }
  try {
    step('before')
    traffic.start(
      users.filter((user) => !waiting.has(user)),
      LOGINS_AT_ONCE,
    )
    stopping.push(() => traffic.stop())
    await traffic.logins(logins)

    step('beside: Nod runs, and imports')
    const gate = await Address.lead(oldTarget)
    stopping.push(() => gate.stop())
    const served = new NodProcess({
      ...ADMIN,
      NOD_STATE: join(folder, 'nod'),
      ANONYMOUS_CHECK: 'allow',
      PUBLIC_URL: address.url,
      FCM_URL: google.url,
      FIREBASE_FB1: JSON.stringify(google.serviceAccount),
      UPSTREAM_URL: gate.url,
      UPSTREAM_LOGIN: OLD_ACCOUNTS.nod,
      UPSTREAM_PASSWORD: OLD_PASSWORD,
    })
    stopping.unshift(async () => {
      served.kill('SIGTERM')
      await served.ended()
    })
    const nodUrl = await served.url()
    const run = async (...args: readonly string[]): Promise<string> => {
      signal.throwIfAborted()
      const { code, stdout, stderr } = await runNod(args, { ...ADMIN, NOD_URL: nodUrl })
      if (code !== 0) throw new Fault(`npm run nod -- ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
      return stdout
    }
    const source = ['import', old.kind, '--db', old.path('pi.db'), '--enckey', old.path('enckey')]
    await run(...source, '--dry-run')
    say(lastLines(await run(...source, '--yes', '--policies')))
    await traffic.logins(logins)

    step('DNS: half of the callers reach Nod')
    address.lead(oldTarget, { url: nodUrl })
    await traffic.logins(logins)
    step('DNS: all callers reach Nod')
    address.lead({ url: nodUrl })
    await traffic.logins(logins)

    const driver = new Driver({ url: nodUrl }, { polled: 'north' })
    await driver.signIn({ login: ADMIN.ADMIN_LOGIN, password: ADMIN.ADMIN_PASSWORD })
    const key = await driver.serviceKey('plugin')
    const keyed = new Driver({ url: address.url }, { polled: 'north' }).caller({ authorization: key })
    plugin = () => Promise.resolve(keyed)
    for (const [user, { phone, credential }] of waiting) {
      const { serial } = await phone.register(credential)
      user.held.push({ phone, serial, here: false, there: false })
    }
    traffic.add([...waiting.keys()])
    say(lastLines(await run(...source, '--yes')))
    if (before.plantsLoss) await plantLoss(driver, users, say)

    const cutOver = async (realm: Realm, share: number): Promise<void> => {
      const otherTokens = old.kind === 'edumfa' ? ['--other-tokens', 'off'] : []
      await run('cut-over', '--realm', realm, '--share', String(share), ...otherTokens)
    }
    for (const share of [10, 50, 100]) {
      step(`north ${share} %`)
      await cutOver('north', share)
      await traffic.logins(logins)
    }
    step('north and south 100 %')
    await cutOver('south', 100)
    await traffic.logins(logins)
    await refreshAll(users)
    step('each phone, at Nod')
    for (const { serial } of await silent(traffic, users, 'here')) broken.add(serial)

    step('north 0 %: back')
    const back = users.filter(({ realm }) => realm === 'north')
    await cutOver('north', 0)
    await traffic.logins(logins)
    step('each phone of north, back there')
    for (const { serial } of await silent(traffic, back, 'there')) broken.add(serial)
    await traffic.stop()
    return { traffic, broken }
  } finally {
    for (const stop of stopping) await stop()
  }
}

/** Firebase gives apps new registration tokens: both servers have to hear of it. */
async function refreshAll(users: readonly User[]): Promise<void> {
  for (const { kind, held } of users)
    if (kind === 'pushed')
      for (const { phone, serial } of held)
        if (!(await phone.refresh(serial, `renewed-${crypto.randomUUID()}`)))
          throw new Fault(`the new registration token of ${serial} was not taken`)
}

/** Lets users log in by phone until each phone has logged its user in there. Returns the tokens that have not. */
async function silent(traffic: Traffic, users: readonly User[], where: 'here' | 'there'): Promise<readonly Held[]> {
  const usable = users.filter(isUsable)
  const all = usable.flatMap(({ held }) => held)
  for (const one of all) one[where] = false
  traffic.plainly = true
  const left = (): readonly Held[] => all.filter((one) => !one[where])
  for (let round = 0; round < ROUNDS && left().length > 0; round++)
    await traffic.eachOf(usable.filter(({ held }) => held.some((one) => !one[where])))
  traffic.plainly = false
  return left()
}

/** Deletes the token of one user at Nod: that login is lost, and the phone has to be enrolled again. */
async function plantLoss({ service }: Driver, users: readonly User[], say: (text: string) => void): Promise<void> {
  const victim = users.find(({ realm, kind }) => realm === 'north' && kind === 'polled')
  const serial = victim?.held[0]?.serial
  if (victim === undefined || serial === undefined) throw new Fault('There is nobody whose token could be deleted')
  const { value } = await service.call('DELETE', `/token/${serial}`)
  if (fields({ value })['value'] !== 1) throw new Fault(`${serial} was not deleted`)
  say(`--plant-loss: the token of ${victim.login} is deleted at Nod`)
}

const lastLines = (output: string): string => output.trim().split('\n').slice(-2).join('; ')
