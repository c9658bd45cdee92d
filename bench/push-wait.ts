/** Logins under policy `push_wait`: the first call waits for the phone, and its caller gets no transaction id. */
import type { Client } from './client.ts'
import { accept, type Phone, PIN } from './fleet.ts'
import type { Google } from './google.ts'
import { p50AndP99 } from './percentiles.ts'

/** The longest that `push_wait` allows. */
const LONGEST_WAIT_SECONDS = '120'

interface BlockedLogin {
  readonly phone: Phone
  readonly nonce: string
  readonly answered: Promise<{ readonly isIn: boolean; readonly at: number }>
}

/** Opens one such login for each phone; their calls wait until `acceptBlockedLogins`. */
export async function openBlockedLogins(
  client: Client,
  google: Google,
  token: string,
  phones: readonly Phone[],
): Promise<readonly BlockedLogin[]> {
  const rule = { scope: 'authentication', action: `push_wait=${LONGEST_WAIT_SECONDS}` }
  await client.call('setPolicy', 'POST', '/policy/bench', rule, { Authorization: token })
  return Promise.all(
    phones.map(async (phone) => {
      const pushed = google.next(phone.serial)
      const answered = client
        .call('blocked', 'POST', '/validate/check', { user: phone.user, pass: PIN })
        .then(({ value }) => ({ isIn: value === true, at: performance.now() }))
      return { phone, answered, nonce: await pushed }
    }),
  )
}

/** Accepts the logins and prints how soon after the phone's answer each call is answered. */
export async function acceptBlockedLogins(client: Client, logins: readonly BlockedLogin[]): Promise<void> {
  const late: number[] = []
  for (const { phone, answered, nonce } of logins) {
    await accept(client, phone, nonce)
    const replied = performance.now()
    const { isIn, at } = await answered
    if (!isIn) throw new Error(`${phone.user} was not let in`)
    late.push(Math.max(0, at - replied))
  }
  console.log(
    `  ${logins.length} more in calls of /validate/check under push_wait: each is answered ${p50AndP99(late)} ms after the phone's answer (p50/p99)`,
  )
}
