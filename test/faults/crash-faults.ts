/** All of Nod is killed at any point of its logins, and starts again with what it had stored. */
import type { RowResult, Group, Row } from './matrix.ts'
import { ASKED_AGAIN } from './login.ts'
import type { EnrolledUser } from '../driver/driver.ts'
import { sleep } from '../driver/waiting.ts'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import { SEED } from '../seed.ts'
import type { World } from './world.ts'

const BROKEN = 'connections that break off'
const AT_ONCE = 4
const LONGEST_LOGIN_MS = 150

const killed = (times: number): Row => ({
  fault: `\`kill -9\`, ${times} times`,
  step: 'any point of four logins at once',
  seen: BROKEN,
  recovered: ASKED_AGAIN,
  run: async (world) => {
    const random = new SeededRandom(SEED)
    const holders = await Promise.all(Array.from({ length: AT_ONCE }, () => world.enrollNewUser()))
    const found: Crashed[] = []
    for (let round = 0; round < times; round++) {
      await sleep(200)
      const logins = holders.map((holder) => throughCrash(world, holder))
      await sleep(random.next() * LONGEST_LOGIN_MS)
      world.kill()
      found.push(...(await Promise.all(logins)))
    }
    const broke = found.some(({ breaks }) => breaks > 0)
    return {
      seen: broke ? BROKEN : 'nothing',
      recovered: ASKED_AGAIN,
      lost: found.flatMap(({ lost }) => lost),
      finalized: found.map(({ id }) => id),
    }
  },
})

interface Crashed {
  readonly id: string
  readonly breaks: number
  readonly lost: readonly string[]
}

/** Does one login, and repeats each step until it is answered. What was answered must stay true. */
async function throughCrash(world: World, { owner, phone, serial }: EnrolledUser): Promise<Crashed> {
  const { service } = world
  const lost: string[] = []
  let breaks = 0
  const answered = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
    for (let tries = 0; tries < 50; tries++) {
      const answer = await ask().catch(() => undefined)
      if (answer !== undefined) return answer
      breaks += 1
      await sleep(50)
      await world.waitUntilUp()
    }
    throw new Error('it is answered no more')
  }

  const id = await answered(async () => (await service.triggerchallenge(owner)).detail.transaction_id)
  // A login whose opening was not answered may have a prompt as well.
  const prompts = await answered(async () => {
    const polled = await phone.poll(serial)
    return phone.lastPoll.get(serial)?.status === 200 ? polled : undefined
  })
  for (const { nonce, url } of prompts) {
    const signature = await phone.sign(`${nonce}|${serial}`)
    const taken = await answered(async () => (await phone.post(url, { serial, nonce, signature })).value)
    if (taken !== true) lost.push(`a yes: ${String(taken)}`)
  }
  const status = await answered(
    async () => (await service.call('GET', `/validate/polltransaction/${id}`)).detail.challenge_status,
  )
  if (status !== 'accept') lost.push(`a yes that was thanked for: ${status}`)

  const before = breaks
  const finalize = () =>
    answered(async () => (await service.check({ ...owner, pass: '', transaction_id: id })).authentication)
  const first = await finalize()
  // If the connection broke, the login may be finalized without the service knowing.
  if (first !== 'ACCEPT' && breaks === before) lost.push(`an accepted login: ${first}`)
  if ((await finalize()) !== 'REJECT') lost.push('a login was used twice')
  return { id, breaks, lost }
}

/** A deployment while a service waits: the connection breaks, and the service asks again for the time that is left. */
const midWait: Row = {
  fault: 'everything is restarted',
  step: 'the service waits (`?wait=`)',
  seen: 'a connection that breaks off',
  recovered: `${ASKED_AGAIN}, for the time that is left`,
  run: async (world): Promise<RowResult> => {
    const { owner, phone } = await world.enrollNewUser()
    const { transactionId } = await world.service.trigger(owner)
    const until = Date.now() + 20_000
    const ask = async () => {
      const wait = String(Math.ceil((until - Date.now()) / 1000))
      const { detail } = await world.service.call('GET', `/validate/polltransaction/${transactionId}`, {
        query: { wait },
      })
      return detail.challenge_status ?? 'no status'
    }
    const first = ask().catch(() => 'a connection that breaks off')
    await sleep(300)
    world.kill()
    const seen = await first
    await world.waitUntilUp()
    const second = ask()
    for (const prompt of await phone.poll()) await phone.accept(prompt)
    const heard = (await second) === 'accept' && Date.now() < until
    const used = await world.service.finalize(transactionId)
    return {
      seen,
      recovered: heard ? `${ASKED_AGAIN}, for the time that is left` : 'no',
      lost: used === 'ACCEPT' ? [] : [used],
      finalized: [transactionId],
    }
  },
}

export const crashes: Group = {
  name: 'Crashes and deployments',
  rows: [midWait, killed(3), killed(100)],
}
