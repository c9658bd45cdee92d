/** A phone moves to another region, and something goes wrong on the way: one object serves in the end, and nothing that it counted is lost. */
import type { EnrolledUser } from '../driver/driver.ts'
import { sleep, waitUntil } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import type { Fault } from './fault.ts'
import { ASKED_AGAIN, BY_ITSELF } from './login.ts'
import type { Group, Row } from './matrix.ts'
import type { World } from './world.ts'

const PIN = '1234'
const WRONG_PINS = 3
const MOVED = 'moved'
const MOVING = 'moving, and it has moved a little later'
const STAYS = 'stays, where it is by then'
const REFUSED = '503/903'

const move = async (world: World, { serial }: EnrolledUser): Promise<string> => {
  const path = `/deployment/phones/${serial}/move`
  const reply = await world.service.call('POST', path, { form: { region: 'apac' } }).catch(() => undefined)
  if (reply === undefined) return 'a connection that breaks off'
  if (reply.error !== undefined) return `${reply.status}/${reply.error.code}`
  const { state } = fields(reply.value)
  return state === 'stays' ? STAYS : String(state)
}

/** What of the open login, the failed attempts and later logins did not survive. */
async function lostOf(world: World, { owner, phone, serial }: EnrolledUser, id: string): Promise<readonly string[]> {
  const lost: string[] = []
  if ((await world.failures(serial)) !== WRONG_PINS)
    lost.push(`failed attempts: ${String(await world.failures(serial))}`)
  const open = await phone.poll()
  for (const prompt of open) await phone.accept(prompt)
  const finalized = await world.service.finalize(id)
  if (finalized !== 'ACCEPT') lost.push(`the login that was open: ${finalized}`)
  const { transactionId } = await world.service.triggerWithPin(owner, PIN)
  for (const prompt of await phone.poll()) await phone.accept(prompt)
  const next = await world.service.finalize(transactionId)
  if (next !== 'ACCEPT') lost.push(`the next login: ${next}`)
  return lost
}

const row = (
  fault: string,
  seen: string,
  inject: readonly Fault[] | ((world: World) => Promise<unknown>),
  quick?: true,
): Row => ({
  fault,
  step: 'move',
  seen,
  recovered: seen === MOVED || seen === MOVING || seen === STAYS ? BY_ITSELF : ASKED_AGAIN,
  ...(quick === true ? { quick } : {}),
  async run(world) {
    const holder = await world.enrollNewUser({ pin: PIN })
    const { transactionId } = await world.service.triggerWithPin(holder.owner, PIN)
    for (let count = 0; count < WRONG_PINS; count++) await world.service.check({ ...holder.owner, pass: 'wrong' })
    const injected = typeof inject === 'function' ? inject(world) : world.injectFaults(...inject)
    if (typeof inject !== 'function') await injected
    const answer = await move(world, holder)
    await injected
    await world.clearFaults()
    const isTold = [MOVED, STAYS, 'moving'].includes(answer)
    if (!isTold) await move(world, holder)
    // Once a phone has moved, the catalogue says so; asking would itself go on with the move.
    await waitUntil(async () => {
      const [found] = await world.sql(`SELECT object_number AS number FROM tokens WHERE serial = '${holder.serial}'`)
      return found?.['number'] === 1
    })
    return {
      seen: answer === 'moving' ? MOVING : answer,
      recovered: isTold ? BY_ITSELF : ASKED_AGAIN,
      lost: await lostOf(world, holder, transactionId),
      finalized: [transactionId],
    }
  },
})

const once = (at: string, fault: Omit<Fault, 'at'>): readonly Fault[] => [{ at, times: 1, ...fault }]

export const moves: Group = {
  name: 'A phone that moves to another region',
  rows: [
    row(
      'the call that makes the next object is lost',
      MOVING,
      once('Phone.prepareMove', { when: 'called', do: 'lose' }),
    ),
    row('the next object goes before it is asked', MOVED, once('Phone.prepareMove', { when: 'before' })),
    row('the call that hands over is lost', MOVING, once('Phone.takeOver', { when: 'called', do: 'lose' })),
    row('the next object goes before it takes over', MOVED, once('Phone.takeOver', { when: 'before' })),
    row(
      'the next object goes when it has taken over, before it could say so',
      MOVED,
      once('Phone.takeOver', { when: 'after' }),
    ),
    row('the old object goes before it hears of it', MOVED, once('Phone.move', { when: 'before' })),
    row('the old object goes in the middle', MOVED, once('Phone.move', { when: 'amid', milliseconds: 3 }), true),
    row(
      'the old object goes when the phone has moved, before it could say so',
      STAYS,
      once('Phone.move', { when: 'after' }),
    ),
    row('the catalogue takes no writes', MOVED, async (world) => {
      await world.injectFaults({ at: 'D1 writes', do: 'fail' })
      await sleep(4000)
    }),
    row('nothing more can be written in objects', REFUSED, async (world) => {
      await world.injectFaults({ at: 'object storage', do: 'full' })
      await sleep(500)
      await world.injectFaults()
    }),
    row('`kill -9`', 'a connection that breaks off', async (world) => {
      await sleep(10)
      world.kill()
    }),
  ],
}
