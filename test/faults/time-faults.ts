/** Faults of time: alarms that come late, twice, or throw; phones whose clocks are wrong. */
import type { Fault } from './fault.ts'
import { ASKED_AGAIN, BY_ITSELF } from './login.ts'
import type { Group, Row } from './matrix.ts'
import { sleep } from '../driver/waiting.ts'

const ofAudit = (fault: string, how: Omit<Fault, 'at'>): Row => ({
  fault,
  step: 'the audit of a login',
  seen: 'ACCEPT',
  recovered: BY_ITSELF,
  run: async (world) => {
    const { owner, phone } = await world.enrollNewUser()
    await world.injectFaults({ at: 'Transactions.alarm', ...how })
    const { transactionId } = await world.service.trigger(owner)
    for (const prompt of await phone.poll()) await phone.accept(prompt)
    const seen = await world.service.finalize(transactionId)
    const arrived = (await world.auditCounts([transactionId])).get(transactionId) === 1
    return { seen, recovered: arrived ? BY_ITSELF : 'no', lost: [], finalized: [transactionId] }
  },
})

/** The catalogue's copy of a phone's failed attempts. */
const ofCopy = (fault: string, how: Omit<Fault, 'at'>): Row => ({
  fault,
  step: 'the copy of a failed attempt',
  seen: 'REJECT',
  recovered: BY_ITSELF,
  run: async (world) => {
    const { owner, serial } = await world.enrollNewUser({ pin: '1234' })
    await world.injectFaults({ at: 'Phone.alarm', ...how })
    const { authentication = '' } = await world.service.check({ ...owner, pass: '4321' })
    for (let waited = 0; waited < 12_000; waited += 250) {
      const [row] = await world.sql(`SELECT attempts FROM tokens WHERE serial = '${serial}'`)
      if (row?.['attempts'] === 1) return { seen: authentication, recovered: BY_ITSELF, lost: [] }
      await sleep(250)
    }
    return { seen: authentication, recovered: 'no', lost: ['the failed attempt, in the catalogue'] }
  },
})

export const alarms: Group = {
  name: 'Alarms',
  rows: [
    ofAudit('it comes 4 s late', { do: 'late', milliseconds: 4000 }),
    ofAudit('it comes twice at once', { do: 'twice' }),
    ofAudit('it throws, twice', { do: 'throw', times: 2 }),
    ofAudit('it throws when all is done, twice', { do: 'throw after', times: 2 }),
    ofCopy('it throws, twice', { do: 'throw', times: 2 }),
    ofCopy('it comes twice at once', { do: 'twice' }),
  ],
}

const REFUSED = '400/10'
const SET_RIGHT = `${ASKED_AGAIN}, its clock set right`

/** A phone asks with a clock that is `ahead` by these seconds, and again once its clock is right. */
function ofClock(step: 'phone poll' | 'registration token replaced', ahead: number, isRefused: boolean): Row {
  const good = step === 'phone poll' ? 'the prompt' : 'replaced'
  return {
    fault: `a phone’s clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead' : 'behind'}`,
    step,
    seen: isRefused ? REFUSED : good,
    recovered: isRefused ? SET_RIGHT : BY_ITSELF,
    ...(ahead === 90 ? { quick: true } : {}),
    run: async (world) => {
      let off = ahead * 1000
      const { owner, phone, serial } = await world.enrollNewUser({ now: () => Date.now() + off })
      const { transactionId } = await world.service.trigger(owner)
      const url = phone.tokens.get(serial)?.url ?? ''
      const ask = async (): Promise<string> => {
        const { status, error, value } =
          step === 'phone poll'
            ? await phone.get(url, await phone.phonePollQuery(serial))
            : await phone.post(url, await phone.refreshForm(serial, 'another'))
        if (status !== 200) return `${status}/${error?.code}`
        return step !== 'phone poll' || (Array.isArray(value) && value.length === 1) ? good : 'no prompt'
      }
      const seen = await ask()
      off = 0
      const recovered = seen === good ? BY_ITSELF : (await ask()) === good ? SET_RIGHT : 'no'
      for (const prompt of await phone.poll()) await phone.accept(prompt)
      const used = await world.service.finalize(transactionId)
      return { seen, recovered, lost: used === 'ACCEPT' ? [] : [used], finalized: [transactionId] }
    },
  }
}

export const clocks: Group = {
  name: 'Clocks of phones',
  atOnce: true,
  rows: [1, -1].flatMap((sign) => [
    ofClock('phone poll', 30 * sign, false),
    ofClock('phone poll', 90 * sign, true),
    ofClock('registration token replaced', 240 * sign, false),
    ofClock('registration token replaced', 330 * sign, true),
  ]),
}
