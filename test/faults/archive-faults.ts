/** Faults of the bucket that holds the audit's archive. Nobody waits for it: what cannot be archived is not deleted. */
import { waitUntil } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import { BY_ITSELF } from './login.ts'
import type { Group, RowResult } from './matrix.ts'
import type { World } from './world.ts'

const RECORDS = 3
/** A day that was over long before AUDIT_DAYS. */
const DAY = Date.UTC(2020, 0, 31)

const archive = async (world: World) => fields((await world.service.call('GET', '/deployment/audit/archive')).value)

async function archiveAway(world: World): Promise<RowResult> {
  await world.injectFaults({ at: 'R2', do: 'fail' })
  const rows = Array.from({ length: RECORDS }, (_, at) => `(${DAY + at}, 'weur/0', ${at}, 'POST /auth', 0, 'REJECT')`)
  await world.sql(`INSERT INTO audit (at, shard, sequence, action, success, authentication) VALUES ${rows.join(', ')}`)
  const left = async () =>
    (await world.sql(`SELECT count(*) AS count FROM audit WHERE at < ${DAY + RECORDS}`))[0]?.['count']
  await world.beginRounds()
  await waitUntil(async () => (await archive(world))['failure'] !== null)
  const { failure, failed_since: since } = await archive(world)
  const kept = await left()
  // A login does not notice.
  const user = await world.enrollNewUser()
  const { login, prompt } = await world.loginWithPrompt(user)
  await user.phone.accept(prompt)
  const finalized = await world.service.finalize(login.transactionId)
  await world.clearFaults()
  await world.beginRounds()
  await waitUntil(async () => (await archive(world))['failure'] === null && (await left()) === 0)
  const [part] = (await archive(world))['parts'] as readonly { readonly records: number }[]
  return {
    seen: `${finalized}; ${since === null ? 'no failure' : failure}`,
    recovered: BY_ITSELF,
    lost: [
      kept === RECORDS ? [] : [`${RECORDS - Number(kept)} records before they were archived`],
      part?.records === RECORDS ? [] : [`${part?.records ?? 0} records in the archive of ${RECORDS}`],
    ].flat(),
    finalized: [login.transactionId],
  }
}

export const failingArchive: Group = {
  name: 'The audit’s archive (R2) out of order',
  rows: [
    {
      fault: 'the bucket is gone',
      step: 'old records are archived',
      seen: 'ACCEPT; the bucket refused to get',
      recovered: BY_ITSELF,
      run: archiveAway,
    },
  ],
}
