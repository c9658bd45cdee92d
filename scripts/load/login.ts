/** One login of a test user: the service opens it, the phone polls and answers, the service finalizes. Each step is timed. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Phone, Prompt } from '../../test/simulation/phone.ts'
import { reasonOf, type Reply } from '../../test/simulation/reply.ts'
import type { Form, Service } from '../../test/simulation/service.ts'

/** The steps of a login, in their order. `prompt`: from the reply to the service until the phone has verified the prompt. */
export const STEPS = ['trigger', 'prompt', 'answer', 'status', 'finalize'] as const
export type Step = (typeof STEPS)[number]

export interface TestUser {
  readonly owner: Readonly<Record<'user' | 'realm', string>>
  readonly serial: string
  readonly phone: Phone
}

export interface Failure {
  readonly step: Step
  /** The same text for all failures of a kind; contains no ids. */
  readonly kind: string
  /** The details of this failure. */
  readonly example: string
}

export interface LoginTimes {
  readonly outcome: 'accepted' | 'declined' | 'failed'
  /** Milliseconds of each step that was completed. */
  readonly steps: Readonly<Partial<Record<Step, number>>>
  /** Milliseconds for which the user thought. They do not count as Nod's time. */
  readonly thought: number
  readonly failure: Failure | undefined
}

export interface LoginOptions {
  /** Opens logins by this PIN; without it by the right to trigger them. */
  readonly pin: string | undefined
  /** Whether the user declines. */
  readonly declines: boolean
  /** Milliseconds between seeing a prompt and answering it. */
  readonly think: number
  /** Milliseconds between two polls of the phone. */
  readonly poll: number
  /** Milliseconds for which the phone looks for its prompt. */
  readonly patience: number
  /** Ends every wait. */
  readonly signal: AbortSignal
}

class Failed extends Error {
  readonly kind: string

  constructor(kind: string, example = kind) {
    super(example)
    this.kind = kind
  }
}

/** Logs a user in. Resolves also when the login fails: that is what is measured. */
export async function logIn(service: Service, user: TestUser, options: LoginOptions): Promise<LoginTimes> {
  const steps: Partial<Record<Step, number>> = {}
  let thought = 0
  let current = 'trigger' as Step
  const timed = async <Result>(step: Step, work: () => Promise<Result>): Promise<Result> => {
    current = step
    const from = performance.now()
    const result = await work()
    steps[step] = performance.now() - from
    return result
  }
  try {
    const opened = await timed('trigger', () => open(service, user, options))
    const prompt = await timed('prompt', () => promptOf(user, options))
    if (options.think > 0) {
      const from = performance.now()
      await sleep(options.think, undefined, { signal: options.signal })
      thought = performance.now() - from
    }
    const presence = opened.detail.presence_answer
    const code = await timed('answer', () => answer(user.phone, prompt, presence, options.declines))
    const id = String(opened.detail.transaction_id)
    const expected = options.declines ? 'cancelled' : 'accept'
    if (code === undefined) await timed('status', () => expectStatus(service, id, expected))
    if (options.declines) return { outcome: 'declined', steps, thought, failure: undefined }
    await timed('finalize', () => finalize(service, { ...user.owner, pass: code ?? '', transaction_id: id }))
    return { outcome: 'accepted', steps, thought, failure: undefined }
  } catch (error) {
    if (current !== 'finalize') await cancelLeftovers(user.phone)
    const failure = options.signal.aborted ? { step: current, kind: 'stopped', example: '' } : failureOf(current, error)
    return { outcome: 'failed', steps, thought, failure }
  }
}

async function open(service: Service, { owner }: TestUser, { pin }: LoginOptions): Promise<Reply> {
  const reply = pin === undefined ? await service.triggerchallenge(owner) : await service.check({ ...owner, pass: pin })
  expectOk(reply)
  if (reply.authentication !== 'CHALLENGE' || reply.detail.transaction_id === undefined)
    throw new Failed(`no login was opened: ${reply.authentication ?? 'no outcome'}`, reply.detail.message)
  return reply
}

/** The newest prompt: those of earlier logins are off the screen. */
async function promptOf({ phone, serial }: TestUser, { poll, patience, signal }: LoginOptions): Promise<Prompt> {
  const until = performance.now() + patience
  for (;;) {
    const prompt = (await phone.poll(serial)).at(-1)
    if (prompt !== undefined) return prompt
    signal.throwIfAborted()
    const reply = phone.lastPoll.get(serial)
    if (reply !== undefined && reply.status !== 200) expectOk(reply)
    if (performance.now() > until)
      throw reply === undefined
        ? new Failed('the phone poll has no answer')
        : new Failed(`no prompt within ${patience / 1000} s`, phone.dropped.at(-1)?.why)
    await sleep(poll, undefined, { signal })
  }
}

/** Returns the code that the phone shows, with code to phone. */
async function answer(
  phone: Phone,
  prompt: Prompt,
  presence: string | undefined,
  declines: boolean,
): Promise<string | undefined> {
  const shown = declines
    ? await phone.decline(prompt, { reason: 'cancelled' })
    : await phone.accept(prompt, presence === undefined ? {} : { presence })
  if (shown.reply !== undefined) expectOk(shown.reply)
  if (shown.displayCode !== undefined) return shown.displayCode
  if (shown.error !== undefined) throw new Failed(shown.error)
  if (!shown.taken) throw new Failed('the answer was not taken')
  return undefined
}

async function expectStatus(service: Service, id: string, expected: string): Promise<void> {
  const reply = await service.call('GET', '/validate/polltransaction', { query: { transaction_id: id } })
  expectOk(reply)
  const status = reply.detail.challenge_status
  if (status !== expected) throw new Failed(`the login is ${status ?? 'unknown'}`)
}

async function finalize(service: Service, form: Form): Promise<void> {
  const reply = await service.check(form)
  expectOk(reply)
  if (reply.authentication !== 'ACCEPT') throw new Failed(reply.authentication ?? 'no outcome', reply.detail.message)
}

function expectOk({ status, error, text }: Reply): void {
  if (status === 200 && error === undefined) return
  const code = error === undefined ? '' : `, code ${error.code}`
  throw new Failed(`HTTP ${status}${code}`, error?.message ?? text.slice(0, 120))
}

function failureOf(step: Step, error: unknown): Failure {
  if (error instanceof Failed) return { step, kind: error.kind, example: error.message }
  if (error instanceof Error && error.name === 'TimeoutError') return { step, kind: 'no answer in time', example: '' }
  const kind = reasonOf(error)
  return { step, kind, example: '' }
}

/** Takes what is left of a failed login off the phone, so that the user's next login finds its own prompt. */
async function cancelLeftovers(phone: Phone): Promise<void> {
  try {
    await phone.poll()
    await Promise.all(phone.openPrompts().map((prompt) => phone.decline(prompt, { reason: 'cancelled' })))
  } catch {
    // The next login says what is wrong.
  }
}
