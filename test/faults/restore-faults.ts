/** D1 is put back to an earlier state, as Time Travel does, while Nod runs and its objects keep what they know. */
import type { EnrolledUser } from '../driver/driver.ts'
import { fields } from '../simulation/reply.ts'
import { BY_ITSELF } from './login.ts'
import type { Service } from '../simulation/service.ts'
import type { Group, Row, RowResult } from './matrix.ts'
import type { World } from './world.ts'

const LISTED = `${BY_ITSELF}; what was undone is listed`
const PIN = '1234'

interface Case {
  /** What is done between the backup and the restore. */
  readonly change: (world: World, holder: EnrolledUser) => Promise<unknown>
  /** The action as it is listed. */
  readonly action: string
}

const token = (world: World, verb: string, serial: string, form: Readonly<Record<string, string>> = {}) =>
  world.service.call('POST', `/token/${verb}/${serial}`, { form })

const CASES: Readonly<Record<string, Case>> = {
  'a PIN was set three times': {
    async change(world, { serial, owner }) {
      for (const otppin of ['1', '2', '3']) await token(world, 'setpin', serial, { otppin })
      // The phone object knows the last of them.
      await world.service.check({ ...owner, pass: 'wrong' })
    },
    action: 'POST /token/setpin/<serial>',
  },
  'the token was disabled': {
    change: (world, { serial }) => token(world, 'disable', serial),
    action: 'POST /token/disable/<serial>',
  },
  'the token was revoked': {
    change: (world, { serial }) => token(world, 'revoke', serial),
    action: 'POST /token/revoke/<serial>',
  },
  'the token was deleted': {
    change: (world, { serial }) => world.service.deleteToken(serial),
    action: 'DELETE /token/<serial>',
  },
  'the token was enrolled again': {
    change: (world, { serial, owner }) => world.service.init({ ...owner, serial, pin: PIN }),
    action: 'POST /token/init',
  },
  'the token was given to another user': {
    async change(world, { serial, owner }) {
      await world.service.call('POST', '/token/unassign', { form: { serial } })
      await world.service.call('POST', '/token/assign', {
        form: { serial, user: world.unique('user'), realm: owner.realm },
      })
    },
    action: 'POST /token/assign',
  },
  'a policy was written': {
    change: (world) => world.service.setPolicy('later', 'authentication', { push_wait: '1' }, { user: ['nobody'] }),
    action: 'POST /policy/<name>',
  },
}

/** Puts D1 back to before `change`. Returns a service as it logs users in: its key is as it was in the backup, while all API
 *  tokens end as soon as the restore is noticed. */
async function restoreBefore(world: World, change: () => Promise<unknown>): Promise<Service> {
  const service = world.caller({ authorization: await world.serviceKey(world.unique('restored')) })
  // What waits in the outboxes would else be lost: it has arrived after the backup.
  await world.auditCounts([])
  await world.keepCatalogue()
  await change()
  await world.putBackCatalogue()
  return service
}

/** The restores that were noticed, and what they have undone. A caller's request may be the one that notices the restore, which ends
 *  its API token. */
async function report(world: World) {
  const listed = () => world.service.call('GET', '/deployment/lost-changes')
  await world.signInAgain()
  let reply = await listed()
  if (reply.status === 401) {
    await world.signInAgain()
    reply = await listed()
  }
  const { value } = reply
  const { restores, changes } = fields(value) as {
    restores: readonly unknown[]
    changes: readonly { action: string }[]
  }
  return { restores: restores.length, actions: new Set(changes.map(({ action }) => action)) }
}

async function logIn(service: Service, { owner, phone, serial }: EnrolledUser): Promise<string> {
  const reply = await service.check({ ...owner, pass: PIN })
  const [prompt] = await phone.poll(serial)
  if (prompt === undefined) return String(reply.detail.message)
  await phone.accept(prompt)
  return service.finalize(reply.detail.transaction_id ?? '', owner)
}

const rows = Object.entries(CASES).map(([fault, { change, action }]): Row => ({
  fault: `since the backup ${fault}`,
  step: 'a login at once',
  seen: 'ACCEPT',
  recovered: LISTED,
  async run(world): Promise<RowResult> {
    const holder = await world.enrollNewUser({ pin: PIN })
    const before = await report(world)
    const service = await restoreBefore(world, () => change(world, holder))
    const seen = await logIn(service, holder)
    const after = await report(world)
    const isNoticed = after.restores === before.restores + 1 && after.actions.has(action)
    return { seen, recovered: isNoticed ? LISTED : `no: ${JSON.stringify([...after.actions])}`, lost: [] }
  },
}))

/** A login is open when D1 is put back; its token has (`changes`) or has not changed since the backup. */
const openLogin = (fault: string, changes: boolean, answer: 'accept' | 'decline', seen: string): Row => ({
  fault,
  step: `a login that was open, and the phone’s ${answer}`,
  seen,
  recovered: BY_ITSELF,
  async run(world): Promise<RowResult> {
    const holder = await world.enrollNewUser({ pin: PIN })
    let id = ''
    await restoreBefore(world, async () => {
      if (changes) await token(world, 'description', holder.serial, { description: 'new' })
      id = (await world.service.trigger(holder.owner)).transactionId
      if (!changes) await world.service.setPolicy('later', 'authentication', { push_wait: '1' }, { user: ['nobody'] })
    })
    // Somebody else notices the restore, and this phone hears of it by another login.
    await report(world)
    const other = await world.service.trigger(holder.owner)
    const prompts = await holder.phone.poll(holder.serial)
    for (const prompt of prompts) await holder.phone[answer](prompt)
    const result = await world.service.finalize(id, holder.owner)
    const status = await world.service.status(id)
    const next = await world.service.finalize(other.transactionId, holder.owner)
    const expected = answer === 'accept' ? 'ACCEPT' : 'REJECT'
    return {
      seen: result === 'ACCEPT' ? result : `${result}, ${status}`,
      recovered: next === expected ? BY_ITSELF : next,
      lost: [],
    }
  },
})

export const restores: Group = {
  name: 'D1 put back to an earlier state',
  rows: [
    ...rows,
    {
      fault: 'since the backup a PIN was set',
      step: 'twenty logins at once',
      seen: 'CHALLENGE 20 times; one epoch begins',
      recovered: BY_ITSELF,
      async run(world): Promise<RowResult> {
        const holders = await Promise.all(Array.from({ length: 20 }, () => world.enrollNewUser({ pin: PIN })))
        const before = await report(world)
        const service = await restoreBefore(world, () =>
          Promise.all(holders.map(({ serial }) => token(world, 'setpin', serial, { otppin: '1' }))),
        )
        const replies = await Promise.all(holders.map(({ owner }) => service.check({ ...owner, pass: PIN })))
        const opened = replies.filter(({ authentication }) => authentication === 'CHALLENGE').length
        const begun = (await report(world)).restores - before.restores
        return {
          seen: `CHALLENGE ${opened} times; ${begun === 1 ? 'one epoch begins' : `${begun} epochs begin`}`,
          recovered: BY_ITSELF,
          lost: [],
        }
      },
    },
    openLogin('the token has not changed since the backup', false, 'accept', 'ACCEPT'),
    openLogin('the token has not changed since the backup', false, 'decline', 'REJECT, declined'),
    openLogin('the token has changed since the backup', true, 'accept', 'REJECT, declined'),
  ],
}
