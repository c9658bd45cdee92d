/** A whole login with a fault at one step. The caller repeats a step that fails. */
import type { Prompt } from '../simulation/phone.ts'
import type { Reply } from '../simulation/reply.ts'
import type { Fault } from './fault.ts'
import type { RowResult, Row } from './matrix.ts'
import type { EnrolledUser } from '../driver/driver.ts'
import { sleep } from '../driver/waiting.ts'
import type { World } from './world.ts'

export const STEPS = ['registration', 'trigger', 'phone poll', 'answer', 'status', 'finalize'] as const
export type Step = (typeof STEPS)[number]

/** The outcome of each step without a fault. */
const GOOD: Readonly<Record<Step, string>> = {
  registration: 'enrolled',
  trigger: 'CHALLENGE',
  'phone poll': 'the prompt',
  answer: 'taken',
  status: 'accept',
  finalize: 'ACCEPT',
}

export const BY_ITSELF = 'by itself'
/** The caller repeats the step: a plugin, an app, its user. */
export const ASKED_AGAIN = 'asked again'
const PIN = '1234'
/** Tries within four seconds. */
const TRIES = 10

export interface StepFault {
  readonly fault: string
  readonly step: Step
  /** What the caller sees; the outcome without a fault unless set. */
  readonly seen?: string
  readonly recovered?: string
  readonly faults: readonly Fault[]
  readonly quick?: true
}

/** A row of a login with a fault at one step. If the step fails, it is repeated once the fault is over. */
export function rowAtStep({ fault, step, seen = GOOD[step], recovered, faults, quick }: StepFault): Row {
  return {
    fault,
    step,
    seen,
    recovered: recovered ?? (seen === GOOD[step] ? BY_ITSELF : ASKED_AGAIN),
    ...(quick === true ? { quick } : {}),
    run: (world) => new Login(world).run(step, faults),
  }
}

const refusal = ({ status, error, headers }: Reply): string => {
  const again = headers.get('Retry-After')
  const what = error === undefined ? `${status} as text` : `${status}/${error.code}`
  return again === null ? what : `${what}, come again in ${again} s`
}

class Login {
  readonly #world: World
  #holder: EnrolledUser | undefined
  #transaction = ''
  #prompt: Prompt | undefined

  constructor(world: World) {
    this.#world = world
  }

  async run(at: Step, faults: readonly Fault[]): Promise<RowResult> {
    const lost: string[] = []
    let seen = ''
    let recovered = BY_ITSELF
    const welcomed = await this.#world.beginNewEnrollment({ pin: PIN })
    const register = async (): Promise<string> => {
      const { phone, owner, credential } = welcomed
      const reply = await phone.post(credential.url, await phone.registrationForm(credential))
      if (reply.value !== true) return refusal(reply)
      this.#holder = { owner, phone, serial: (await phone.register(credential)).serial }
      return GOOD.registration
    }
    for (const step of STEPS) {
      const work = step === 'registration' ? register : () => this.#do(step)
      if (step === at) {
        await this.#world.injectFaults(...faults)
        seen = await work()
        await this.#world.injectFaults()
        if (seen !== GOOD[step]) recovered = ASKED_AGAIN
      }
      if (step === at && seen === GOOD[step]) continue
      for (let tries = 1; ; tries++) {
        const said = await work()
        if (said === GOOD[step]) break
        if (tries === TRIES) return { seen, recovered: `no: ${step} says ${said}`, lost }
        recovered = ASKED_AGAIN
        await sleep(400)
      }
    }
    const again = await this.#do('finalize')
    if (again !== 'REJECT') lost.push(`a second finalize says ${again}`)
    const failures = await this.#failures()
    if (failures !== 0) lost.push(`${failures} failed attempts were counted`)
    return { seen, recovered, lost, finalized: [this.#transaction] }
  }

  async #do(step: Exclude<Step, 'registration'>): Promise<string> {
    const { service } = this.#world
    const holder = this.#holder
    if (holder === undefined) return 'no phone'
    const { owner, phone, serial } = holder
    switch (step) {
      case 'trigger': {
        const reply = await service.check({ ...owner, pass: PIN })
        this.#transaction = reply.detail.transaction_id ?? ''
        return reply.authentication ?? refusal(reply)
      }
      case 'phone poll': {
        const prompts = await phone.poll(serial)
        const came = phone.lastPoll.get(serial)
        if (came === undefined || came.status !== 200) return came === undefined ? 'no answer' : refusal(came)
        // A login whose opening failed must not ring.
        if (prompts.length > 1) return `${prompts.length} prompts`
        this.#prompt = prompts[0] ?? this.#prompt
        return prompts.length === 1 ? GOOD['phone poll'] : 'no prompt'
      }
      case 'answer': {
        const prompt = this.#prompt
        if (prompt === undefined) return 'no prompt'
        const signature = await phone.sign(`${prompt.nonce}|${serial}`)
        const reply = await phone.post(prompt.url, { serial, nonce: prompt.nonce, signature })
        return reply.value === true ? GOOD.answer : reply.status === 200 ? 'not taken' : refusal(reply)
      }
      case 'status': {
        const reply = await service.call('GET', `/validate/polltransaction/${this.#transaction}`)
        return reply.detail.challenge_status ?? refusal(reply)
      }
      case 'finalize': {
        const reply = await service.check({ ...owner, pass: '', transaction_id: this.#transaction })
        return reply.authentication ?? refusal(reply)
      }
    }
  }

  async #failures(): Promise<number> {
    const { value } = await this.#world.service.call('GET', '/token/', {
      query: { serial: this.#holder?.serial ?? '' },
    })
    const { tokens } = value as { tokens: readonly { failcount: number }[] }
    return tokens[0]?.failcount ?? -1
  }
}
