/** Faults of D1: it fails, stalls or refuses writes. A login needs D1 to be opened, but not to be answered or finalized. */
import type { Fault } from './fault.ts'
import { rowAtStep, BY_ITSELF, type Step } from './login.ts'
import type { RowResult, Group, Row } from './matrix.ts'
import { sleep } from '../driver/waiting.ts'
import type { World } from './world.ts'

const IN_TWO_SECONDS = '503/903, come again in 2 s'
const WHEN_THERE_IS_ROOM = '503/903, come again in 60 s'
const BEGINNING: readonly Step[] = ['registration', 'trigger']
const GOES_ON: readonly Step[] = ['phone poll', 'answer', 'status', 'finalize']

const rowsOf = (
  fault: string,
  faults: readonly Fault[],
  refused: readonly Step[],
  quick: readonly Step[],
  seen = IN_TWO_SECONDS,
): Row[] =>
  [...BEGINNING, ...GOES_ON].map((step) =>
    rowAtStep({
      fault,
      step,
      ...(refused.includes(step) ? { seen } : {}),
      faults,
      ...(quick.includes(step) ? { quick: true } : {}),
    }),
  )

export const failingCatalogue: Group = {
  name: 'D1 out of order',
  rows: [
    ...rowsOf('it fails', [{ at: 'D1', do: 'fail' }], BEGINNING, ['trigger', 'finalize']),
    ...rowsOf('it does not answer', [{ at: 'D1', do: 'stall' }], BEGINNING, []),
    ...rowsOf('it answers after three seconds', [{ at: 'D1', do: 'late', milliseconds: 3000 }], BEGINNING, []),
    ...rowsOf(
      'it is full',
      [{ at: 'D1 writes', do: 'full' }],
      ['registration'],
      ['registration', 'finalize'],
      WHEN_THERE_IS_ROOM,
    ),
    ...rowsOf('it takes no writes', [{ at: 'D1 writes', do: 'refuse' }], ['registration'], []),
    stalled(90),
    { ...stalled(3), quick: true },
  ],
}

/** D1 does not answer for this many seconds, while phones answer and services finalize. */
function stalled(seconds: number): Row {
  return {
    fault: `it does not answer for ${seconds} s`,
    step: 'everything',
    seen: `${IN_TWO_SECONDS} for what begins; ACCEPT for all that had begun`,
    recovered: BY_ITSELF,
    run: (world) => throughStall(world, seconds),
  }
}

async function throughStall(world: World, seconds: number): Promise<RowResult> {
  const holders = await Promise.all(Array.from({ length: 6 }, () => world.enrollNewUser()))
  const opened = await Promise.all(
    holders.map(async (holder) => ({ ...holder, id: (await world.service.trigger(holder.owner)).transactionId })),
  )
  await world.injectFaults({ at: 'D1', do: 'stall' })
  const until = Date.now() + seconds * 1000
  const refused = world.service.triggerchallenge(holders[0]?.owner ?? {})
  const outcomes = await Promise.all(
    opened.map(async ({ phone, serial, id }, at) => {
      // Spread over the stall, as long as challenges are valid.
      await sleep(Math.min(seconds * 1000, 90_000) * (at / opened.length))
      const [prompt] = await phone.poll(serial)
      if (prompt === undefined) return 'no prompt'
      await phone.accept(prompt)
      return world.service.finalize(id)
    }),
  )
  const { status, error, headers } = await refused
  await sleep(Math.max(0, until - Date.now()))
  const early = await world.sql(`SELECT count(*) AS count FROM audit WHERE transaction_id = '${opened[0]?.id}'`)
  await world.injectFaults()
  const [one] = holders
  const after = one === undefined ? undefined : await world.service.trigger(one.owner)
  const lost = early[0]?.['count'] === 0 ? [] : ['D1 was not away at all']
  return {
    seen: `${status}/${error?.code}, come again in ${headers.get('Retry-After')} s for what begins; ${[...new Set(outcomes)].join(', ')} for all that had begun`,
    recovered: after === undefined ? 'no' : BY_ITSELF,
    lost,
    finalized: opened.map(({ id }) => id),
  }
}
