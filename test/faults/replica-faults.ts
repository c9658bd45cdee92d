/** Replicas of D1 that are gone or late, and shards that cannot be told of a change. Each row has a Nod of its own, with a replica. */
import type { EnrolledUser } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import type { Reply } from '../simulation/reply.ts'
import { ReplicaWorld } from '../served/replicas/world.ts'
import { BY_ITSELF } from './login.ts'
import type { Group, Row, RowResult } from './matrix.ts'

/** A Nod whose replica knows a user with a phone, and so does the isolate that reads it. */
interface Prepared {
  readonly world: ReplicaWorld
  readonly holder: EnrolledUser
}

const row = (
  fault: string,
  step: string,
  seen: string,
  run: (prepared: Prepared) => Promise<Pick<RowResult, 'seen'> & Partial<RowResult>>,
): Row => ({
  fault,
  step,
  seen,
  recovered: BY_ITSELF,
  async run() {
    const world = await ReplicaWorld.open()
    try {
      const holder = await world.enroll(world.unique('user'))
      await world.bringReplicaUpToDate()
      await world.late.trigger(holder.owner)
      return { recovered: BY_ITSELF, lost: [], ...(await run({ world, holder })) }
    } finally {
      await world.close()
    }
  },
})

const outcomeOf = ({ detail }: Reply): string => {
  const phones = detail.multi_challenge?.length ?? 0
  return detail.transaction_id === undefined
    ? 'no login opens'
    : `CHALLENGE for ${phones} phone${phones > 1 ? 's' : ''}`
}

/** A login that reads a replica which does not know of the change. */
const late = (change: string, seen: string, make: (prepared: Prepared) => Promise<unknown>): Row =>
  row(`it lags, since before ${change}`, 'trigger', seen, async (prepared) => {
    await make(prepared)
    return { seen: outcomeOf(await prepared.world.late.triggerchallenge(prepared.holder.owner)) }
  })

const SHARDS = ['weur/0', 'weur/1']

/** Opens logins until each shard has opened one: its number is eight bits of the id. */
async function openInEachShard({ world, holder }: Prepared): Promise<void> {
  const used = new Set<bigint>()
  while (used.size < SHARDS.length)
    used.add((BigInt((await world.late.trigger(holder.owner)).transactionId) >> 52n) & 255n)
}

export const replicas: Group = {
  name: 'Replicas of D1, and shards that are not told',
  rows: [
    row('a replica is gone', 'trigger', 'CHALLENGE for 1 phone', async ({ world, holder }) => {
      await world.loseReplica()
      return { seen: outcomeOf(await world.late.triggerchallenge(holder.owner)) }
    }),
    late('the token was disabled', 'no login opens', ({ world, holder }) =>
      world.service.call('POST', `/token/disable/${holder.serial}`),
    ),
    late('a second phone registered', 'CHALLENGE for 2 phones', ({ world, holder }) => world.enroll(holder.owner.user)),
    late('the user was deleted', 'no login opens', ({ world, holder }) =>
      world.service.call('DELETE', `/user/polled/${holder.owner.user}`, { query: { realm: 'polled' } }),
    ),
    row('the primary moves, and does not answer', 'trigger', 'CHALLENGE for 1 phone', async (prepared) => {
      const { world, holder } = prepared
      // Until the journal knows a shard, that asks the primary.
      await openInEachShard(prepared)
      await world.movePrimary(true)
      const reply = await world.late.triggerchallenge(holder.owner)
      await world.movePrimary(false)
      return { seen: outcomeOf(reply) }
    }),
    row(
      'the primary moves, and does not answer',
      'a change of policy',
      '503, and 200 once it has moved; interactive at the next login',
      async ({ world, holder }) => {
        const change = async () => {
          const form = { scope: 'authentication', active: 'True', action: 'push_code_to_phone', realm: 'polled' }
          return (await world.service.call('POST', '/policy/code', { form })).status
        }
        await world.movePrimary(true)
        const before = await change()
        await world.movePrimary(false)
        const after = await change()
        const { clientMode } = await world.late.trigger(holder.owner)
        return { seen: `${before}, and ${after} once it has moved; ${clientMode} at the next login` }
      },
    ),
    row(
      'the shards of a region cannot be told',
      'a change of policy',
      '200, and the answer names them; poll by a late replica until they are told, then interactive',
      async (prepared) => {
        const { world, holder } = prepared
        await openInEachShard(prepared)
        await world.loseCallsOf(...SHARDS.map((name) => `Transactions ${name} learnSettings`))
        const changed = await world.service.call('POST', '/policy/code', {
          form: { scope: 'authentication', active: 'True', action: 'push_code_to_phone', realm: 'polled' },
        })
        const named = changed.headers.get('nod-shards-behind') === SHARDS.join(', ')
        const before = (await world.late.trigger(holder.owner)).clientMode
        await world.loseCallsOf()
        let after = ''
        // The journal tells them within ten seconds.
        await waitUntil(async () => {
          after = (await world.late.trigger(holder.owner)).clientMode ?? ''
          return after === 'interactive'
        })
        return {
          seen: `${changed.status}${named ? ', and the answer names them' : ''}; ${before} by a late replica until they are told, then ${after}`,
        }
      },
    ),
  ],
}
