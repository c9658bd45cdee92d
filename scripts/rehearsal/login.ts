/** A login as a service, a phone and its user go through it. */
import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Prompt } from '../../test/simulation/phone.ts'
import { reasonOf, type Reply, summary } from '../../test/simulation/reply.ts'
import type { Service } from '../../test/simulation/service.ts'
import { type Held, isUsable, type User } from './people.ts'
import type { Attempt, Outcome } from './result.ts'

/** The services of a rehearsal: they know the address and no more. */
export interface Services {
  /** Sends PINs, without a credential. */
  readonly plain: Service
  /** May trigger. It is asked for each login: its plugin signs in each time. */
  triggering(): Promise<Service>
  /** Whether the old server has accepted the login of this transaction id. */
  acceptedThere(id: string): boolean
}

type Way = 'pin' | 'trigger' | 'totp' | 'decline' | 'wrong pin'

/** Milliseconds for which somebody looks for a prompt, or an outcome. */
const PATIENCE = 60_000
const BETWEEN_POLLS = 300

class Failed extends Error {}

interface Ended {
  readonly outcome: Outcome
  readonly by: 'nod' | 'old' | undefined
  readonly why: string
  again: number
}

/** Logs a user in, in the way whose turn it is; with `plainly` by PIN and phone. It resolves also when it fails. */
export async function attempt(services: Services, user: User, phase: string, plainly: boolean): Promise<Attempt> {
  const { login, realm, kind } = user
  const way = wayOf(user, plainly)
  const isRefused = !isUsable(user) || way === 'wrong pin'
  const expected = isRefused ? 'refused' : way === 'decline' ? 'declined' : 'accepted'
  const ended = await (isRefused ? knock(services, user, way) : logIn(services, user, way)).catch(
    (error: unknown): Ended => ({ outcome: 'failed', by: undefined, why: `${way}: ${reasonOf(error)}`, again: 0 }),
  )
  return { phase, login, realm, kind, expected, ...ended }
}

function wayOf(user: User, plainly: boolean): Way {
  if (plainly || !isUsable(user)) return 'pin'
  const turn = user.begun
  if (user.kind === 'totp' && turn % 2 === 0 && nextStep(user) !== undefined) return 'totp'
  if (turn % 7 === 5) return 'decline'
  if (turn % 7 === 6) return 'wrong pin'
  return turn % 3 === 2 ? 'trigger' : 'pin'
}

/** Tries to log in where it must not succeed. */
async function knock({ plain }: Services, { login, realm, pin }: User, way: Way): Promise<Ended> {
  const pass = way === 'wrong pin' ? `${pin}0` : pin
  const reply = await plain.check({ user: login, realm, pass })
  if (reply.status >= 500 || (reply.status !== 200 && reply.error === undefined)) throw new Failed(summary(reply))
  // A challenge would be as good as a way in.
  const isIn = reply.authentication === 'ACCEPT' || reply.authentication === 'CHALLENGE'
  return { outcome: isIn ? 'accepted' : 'refused', by: undefined, why: isIn ? summary(reply) : '', again: 0 }
}

async function logIn(services: Services, user: User, way: Way): Promise<Ended> {
  const { plain } = services
  const owner = { user: user.login, realm: user.realm }
  const held = user.held[user.begun % user.held.length]
  if (held === undefined) throw new Failed('no phone')
  const others = user.held.filter((one) => one !== held)
  try {
    const service = way === 'trigger' ? await services.triggering() : plain
    const { opened, again } = await open(way, () =>
      way === 'trigger' ? service.triggerchallenge(owner) : plain.check({ ...owner, pass: user.pin }),
    )
    const id = opened.detail.transaction_id ?? ''
    const by = (): 'nod' | 'old' => (services.acceptedThere(id) ? 'old' : 'nod')
    if (way === 'totp') {
      await finalize(plain, { ...owner, pass: totp(user), transaction_id: id })
      // What has rung besides is off the screen before the next login.
      await held.phone.poll()
      return { outcome: 'accepted', by: by(), why: '', again }
    }
    const prompt = await promptOf(held)
    const presence = opened.detail.presence_answer
    const shown =
      way === 'decline'
        ? await held.phone.decline(prompt, { reason: 'cancelled' })
        : await held.phone.accept(prompt, presence === undefined ? {} : { presence })
    if (shown.error !== undefined || !shown.taken) throw new Failed(shown.error ?? 'the answer was not taken')
    if (way === 'decline') {
      await expectStatus(service, id, ['declined', 'cancelled'])
      return { outcome: 'declined', by: undefined, why: '', again }
    }
    await expectStatus(service, id, ['accept'])
    await finalize(service, { ...owner, pass: '', transaction_id: id })
    held[by() === 'nod' ? 'here' : 'there'] = true
    return { outcome: 'accepted', by: by(), why: '', again }
  } finally {
    await Promise.all(others.map(({ phone }) => phone.poll()))
  }
}

/** Opens a login. With a one-time password it has to be offered: Nod offers its own phone alone if the old server is slow. */
async function open(way: Way, ask: () => Promise<Reply>): Promise<{ readonly opened: Reply; readonly again: number }> {
  for (let again = 0; ; again++) {
    const opened = await ask()
    if (opened.detail.transaction_id === undefined || opened.error !== undefined) throw new Failed(summary(opened))
    const offers = opened.detail.multi_challenge?.map(({ type }) => type) ?? []
    if (way !== 'totp' || offers.includes('totp')) return { opened, again }
    if (again === 4) throw new Failed(`no one-time password is asked for: ${offers.join(', ')}`)
  }
}

/** The newest prompt: those of earlier logins are off the screen. */
async function promptOf({ phone, serial }: Held): Promise<Prompt> {
  const until = performance.now() + PATIENCE
  for (;;) {
    const prompt = (await phone.poll(serial)).at(-1)
    if (prompt !== undefined) return prompt
    if (performance.now() > until)
      throw new Failed(`no prompt came${phone.dropped.length === 0 ? '' : `, ${phone.dropped.at(-1)?.why}`}`)
    await sleep(BETWEEN_POLLS)
  }
}

async function expectStatus(service: Service, id: string, expected: readonly string[]): Promise<void> {
  const until = performance.now() + PATIENCE
  for (;;) {
    const status = await service.status(id)
    if (expected.includes(status)) return
    if (status !== 'pending' || performance.now() > until) throw new Failed(`the login is ${status}`)
    await sleep(BETWEEN_POLLS)
  }
}

async function finalize(service: Service, form: Readonly<Record<string, string>>): Promise<void> {
  const reply = await service.check(form)
  if (reply.authentication !== 'ACCEPT') throw new Failed(`at the end: ${summary(reply)}`)
}

/** The time step whose password was not used yet. The old server takes each once. */
function nextStep({ lastStep }: User): number | undefined {
  const now = Math.floor(Date.now() / 30_000)
  const step = Math.max(lastStep + 1, now - 1)
  return step > now ? undefined : step
}

/** The one-time password, by RFC 6238. */
function totp(user: User): string {
  const step = nextStep(user) ?? user.lastStep + 1
  user.lastStep = step
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', Buffer.from(user.seed, 'hex')).update(counter).digest()
  const at = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
