/** Statements 30 to 35: the phone answers, the service learns of it. */
import type { FormFields } from '../../simulation/phone.ts'
import { type Reply, readReply } from '../../simulation/reply.ts'
import { NotApplicable, type Statement } from '../statement.ts'
import type { World } from '../world.ts'

export const answers: readonly Statement[] = [
  {
    number: 30,
    text: 'Accept flips polltransaction to `accept`, then `/validate/check` with empty `pass` succeeds exactly once.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      const { login, prompt } = await world.loginWithPrompt(holder)
      const { transactionId } = login
      see.equals('pending before', await polled(world, transactionId), [false, 'pending', 'REJECT'])
      see.expect('the phone is believed', (await holder.phone.accept(prompt)).taken)
      see.equals('accept after', await polled(world, transactionId), [true, 'accept', 'ACCEPT'])
      see.equals('once', await world.service.finalize(transactionId), 'ACCEPT')
      see.equals('not twice', await world.service.finalize(transactionId), 'REJECT')
      see.equals('pending when used up', await polled(world, transactionId), [false, 'pending', 'REJECT'])
    },
  },
  {
    number: 31,
    text: 'The finalize success has no `detail.transaction_id` and no `multi_challenge`.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      const { login, prompt } = await world.loginWithPrompt(holder)
      await holder.phone.accept(prompt)
      const reply = await world.service.check(world.service.finalizeForm(login.transactionId))
      see.expect('success', reply.value === true && reply.authentication === 'ACCEPT', reply)
      const isBare = !('transaction_id' in reply.detail) && !('multi_challenge' in reply.detail)
      see.expect('no transaction_id, no multi_challenge', isBare, reply.detail)
      see.equals('message', reply.detail.message, 'Found matching challenge')
      see.equals('serial', reply.detail.serial, holder.serial)
    },
  },
  {
    number: 32,
    text:
      'Decline gives `declined`; reason `cancelled` gives `cancelled`; unknown reason gives `declined`; ' +
      'authentication `DECLINED`.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      const { phone } = holder
      const reasons = { plain: undefined, unknown_trigger: 'unknown_trigger', cancelled: 'cancelled', other: 'because' }
      for (const [claim, reason] of Object.entries(reasons)) {
        const { login, prompt } = await world.loginWithPrompt(holder)
        const shown = await phone.decline(prompt, reason === undefined ? {} : { reason })
        see.expect(`${claim}: taken`, shown.taken)
        const status = reason === 'cancelled' ? 'cancelled' : 'declined'
        see.equals(claim, await polled(world, login.transactionId), [false, status, 'DECLINED'])
        see.equals(`${claim}: no login`, await world.service.finalize(login.transactionId), 'REJECT')
      }
    },
  },
  {
    number: 33,
    text: 'A decline signature cannot be used as accept, nor with an added `presence_answer`.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      const { phone, serial } = holder
      const attacks: Readonly<Record<string, FormFields>> = {
        'as accept': {},
        'with presence_answer': { presence_answer: 'decline' },
        'with decline and presence_answer': { decline: '1', presence_answer: 'A' },
      }
      for (const [claim, attack] of Object.entries(attacks)) {
        const { login, prompt } = await world.loginWithPrompt(holder)
        const { nonce, url } = prompt
        const signature = await phone.sign(`${nonce}|${serial}|decline`)
        const reply = await phone.post(url, { serial, nonce, signature, ...attack })
        see.expect(claim, reply.value !== true, reply)
        see.expect(`${claim}: no login`, (await world.service.finalize(login.transactionId)) === 'REJECT', 'ACCEPT')
      }

      // Where an option may be called `decline`, what signs a decline signs that option.
      const action = {
        push_require_presence: true,
        push_presence_options: 'CUSTOM',
        push_presence_num_options: '2',
      } as const
      const named = 'no option may be called decline'
      const isTaken = await world.tryPolicy('authentication', { ...action, push_presence_custom_options: 'decline:go' })
      if (!isTaken) return see.expect(named, true)
      for (let turn = 0; turn < 20; turn++) {
        const matching = await world.loginWithPrompt(holder)
        const { nonce, url } = matching.prompt
        if (matching.login.presence !== 'decline') continue
        const declining = await phone.sign(`${nonce}|${serial}|decline`)
        const reply = await phone.post(url, { serial, nonce, presence_answer: 'decline', signature: declining })
        return see.expect(named, reply.value !== true, reply)
      }
    },
  },
  {
    number: 34,
    text: 'Polltransaction for an unknown id is HTTP 200, `value:false`, `pending`.',
    async check(world, see) {
      for (const id of ['01234567890123456789', 'nonsense']) {
        const reply = await poll(world, id)
        const isPending = reply.value === false && reply.detail.challenge_status === 'pending'
        see.expect(id, reply.status === 200 && isPending, reply)
      }
      const path = await world.call('GET', '/validate/polltransaction/01234567890123456789')
      see.expect('id in the path', path.status === 200 && path.value === false, path)
    },
  },
  {
    number: 35,
    text: 'The polltransaction response carries CORS headers for a configured origin.',
    async check(world, see) {
      const { origin, url } = world.options
      if (origin === undefined) throw new NotApplicable('no origin is configured: --origin')
      const asked = async (from: string): Promise<string | null> => {
        const address = `${url}/validate/polltransaction?transaction_id=01234567890123456789`
        const reply = await readReply(await fetch(address, { headers: { origin: from } }))
        return reply.headers.get('access-control-allow-origin')
      }
      see.expect('that origin', [origin, '*'].includes((await asked(origin)) ?? ''), await asked(origin))
    },
  },
]

const poll = (world: World, id: string): Promise<Reply> =>
  world.call('GET', '/validate/polltransaction', { query: { transaction_id: id } })

async function polled(world: World, id: string): Promise<readonly unknown[]> {
  const { value, detail, authentication } = await poll(world, id)
  return [value, detail.challenge_status, authentication]
}
