/** Objects that cannot be reached, or that go in the middle of their work. */
import type { Fault } from './fault.ts'
import { ASKED_AGAIN, BY_ITSELF, rowAtStep, type Step, type StepFault, STEPS } from './login.ts'
import type { Group, Row } from './matrix.ts'
import { sleep } from '../driver/waiting.ts'

/** The calls that a login makes, and at which step. */
const CALLS: readonly (readonly [call: string, step: Step])[] = [
  ['Phone.beginChange', 'registration'],
  ['Phone.endChange', 'registration'],
  ['Phone.ring', 'trigger'],
  ['Transactions.open', 'trigger'],
  ['Phone.poll', 'phone poll'],
  ['Transactions.pendingPrompts', 'phone poll'],
  ['Transactions.answer', 'answer'],
  ['Transactions.status', 'status'],
  ['Transactions.finalize', 'finalize'],
  ['Phone.finalize', 'finalize'],
]
const REFUSED = '503/903, come again in 1 s'
/** Until the Phone's alarm has taken the change up, 2.5 s after it began, nothing finishes. */
const RECOVERED: Readonly<Record<string, { recovered: string }>> = { 'Phone.endChange': { recovered: ASKED_AGAIN } }
/** Where a lost call is not told of as one: a token is changed all the same, and a phone asks for its prompts again anyway. */
const SEEN: Readonly<Record<string, string>> = {
  'Phone.endChange': 'enrolled',
  'Transactions.pendingPrompts': 'no prompt',
  'Transactions.answer': '503 as text, come again in 1 s',
}

const FULL: Partial<Readonly<Record<Step, string>>> = {
  registration: REFUSED,
  trigger: REFUSED,
  answer: '503 as text, come again in 1 s',
  finalize: REFUSED,
}

const once = (at: string, fault: Omit<Fault, 'at'>): readonly Fault[] => [{ at, times: 1, ...fault }]
const each = (of: (call: string, step: Step) => StepFault): Row[] =>
  CALLS.map(([call, step]) => rowAtStep(of(call, step)))
const QUICK = new Set(['Phone.ring', 'Transactions.answer', 'Phone.finalize'])
const quick = (call: string): { quick?: true } => (QUICK.has(call) ? { quick: true } : {})

export const lostCalls: Group = {
  name: 'An object that cannot be reached',
  rows: [
    ...each((call, step) => ({
      fault: `\`${call}\` is lost`,
      step,
      seen: SEEN[call] ?? REFUSED,
      ...RECOVERED[call],
      faults: once(call, { when: 'called', do: 'lose' }),
      ...quick(call),
    })),
    ...each((call, step) => ({
      fault: `\`${call}\` is lost, and may be made again`,
      step,
      faults: once(call, { when: 'called', do: 'lose', again: true }),
    })),
    ...each((call, step) => ({
      fault: `\`${call}\` finds a crowd`,
      step,
      seen: SEEN[call] ?? REFUSED,
      ...RECOVERED[call],
      faults: once(call, { when: 'called', do: 'overload' }),
    })),
  ],
}

/** A platform that gives objects no more storage: the account's limit, or a full disk under `npm start`. */
export const fullObjects: Group = {
  name: 'An object whose storage is full',
  rows: STEPS.map((step) =>
    rowAtStep({
      fault: 'nothing more can be written',
      step,
      ...(FULL[step] === undefined ? {} : { seen: FULL[step] }),
      faults: [{ at: 'object storage', do: 'full' }],
      ...(step === 'answer' || step === 'finalize' ? { quick: true } : {}),
    }),
  ),
}

export const goneObjects: Group = {
  name: 'An object that goes: evicted, crashed, or of an older version',
  rows: [
    ...each((call, step) => ({
      fault: `it goes before it hears \`${call}\``,
      step,
      faults: once(call, { when: 'before' }),
      ...quick(call),
    })),
    ...each((call, step) => ({
      fault: `it goes when \`${call}\` is done, before it could say so`,
      step,
      faults: once(call, { when: 'after' }),
      ...quick(call),
    })),
    waiting(
      'the service waits (`?wait=`)',
      async (world) => {
        const { owner, phone } = await world.enrollNewUser()
        const { transactionId } = await world.service.trigger(owner)
        await world.injectFaults({ at: 'Transactions.status', when: 'amid', milliseconds: 300, times: 1 })
        const asked = world.service.call('GET', `/validate/polltransaction/${transactionId}`, { query: { wait: '10' } })
        await sleep(800)
        const [prompt] = await phone.poll()
        if (prompt !== undefined) await phone.accept(prompt)
        const seen = (await asked).detail.challenge_status ?? 'no status'
        const used = await world.service.finalize(transactionId)
        return { seen, recovered: BY_ITSELF, lost: used === 'ACCEPT' ? [] : [used], finalized: [transactionId] }
      },
      'accept',
    ),
    waiting(
      'the service waits (`push_wait`)',
      async (world) => {
        const { owner, phone } = await world.enrollNewUser({ realm: 'waiting' })
        await world.injectFaults({ at: 'Transactions.finalizeWhenAccepted', when: 'amid', milliseconds: 300, times: 1 })
        const asked = world.service.check({ ...owner, pass: '' })
        await sleep(1000)
        const [prompt] = await phone.poll()
        if (prompt !== undefined) await phone.accept(prompt)
        return { seen: (await asked).authentication ?? 'no outcome', recovered: BY_ITSELF, lost: [] }
      },
      'ACCEPT',
    ),
  ],
}

function waiting(step: string, run: Row['run'], seen: string): Row {
  return { fault: 'it goes in the middle of a wait', step, seen, recovered: BY_ITSELF, quick: true, run }
}
