/** Statements 1 to 6: the frame of every answer. */
import { nextPrompt } from '../../driver/driver.ts'
import { type Reply, fields } from '../../simulation/reply.ts'
import type { Findings, Statement } from '../statement.ts'

export const envelope: readonly Statement[] = [
  {
    number: 1,
    text: 'A success body has `jsonrpc:"2.0"`, boolean `result.status`, numeric `time`, integer `id`.',
    async check(world, see) {
      const holder = await world.enrollPhone({ pin: '1234' })
      const { admin } = world.options
      const { owner, serial } = holder
      framed(see, 'POST /auth', await world.call('POST', '/auth', { form: named(admin) }))
      framed(see, 'POST /token/init', holder.reply)
      framed(see, 'GET /token/', await world.call('GET', '/token/', { query: { serial } }))
      framed(see, 'POST /validate/check', await world.service.check({ ...owner, pass: 'wrong' }))
      framed(see, 'POST /validate/triggerchallenge', await world.service.triggerchallenge(owner))
      const query = { transaction_id: '01234567890123456789' }
      framed(see, 'GET /validate/polltransaction', await world.call('GET', '/validate/polltransaction', { query }))
      await holder.phone.poll()
      const polled = holder.phone.lastPoll.get(serial)
      if (polled !== undefined) framed(see, 'GET /ttype/push', polled)
    },
  },
  {
    number: 2,
    text: 'An error body has integer `result.error.code`, string message, no `result.value`.',
    async check(world, see) {
      const { admin } = world.options
      const wrong = named({ ...admin, password: `${admin.password}?` })
      faulty(see, 'POST /auth', await world.call('POST', '/auth', { form: wrong }))
      faulty(see, 'POST /validate/check', await world.service.check({ pass: 'x' }))
      const anonymous = world.caller()
      faulty(see, 'POST /validate/triggerchallenge', await anonymous.triggerchallenge({ user: 'nobody' }))
      faulty(see, 'GET /validate/polltransaction', await world.call('GET', '/validate/polltransaction'))
      faulty(see, 'GET /ttype/push', await world.call('GET', '/ttype/push'))
      const form = { serial: world.unique('no'), fbtoken: 'f', pubkey: 'p', enrollment_credential: 'c' }
      faulty(see, 'POST /ttype/push', await world.call('POST', '/ttype/push', { form }))
      faulty(see, 'DELETE /token/<serial>', await world.call('DELETE', `/token/${world.unique('no')}`))
      faulty(see, 'DELETE /policy/<name>', await world.call('DELETE', `/policy/${world.unique('no')}`))
    },
  },
  {
    number: 3,
    text: '`/validate/check` returns a JSON boolean in `result.value` in every non-error case.',
    async check(world, see) {
      const tokenless = await world.newUser()
      const holder = await world.enrollPhone({ pin: '1234' })
      const { owner } = holder
      const boolean = (claim: string, reply: Reply, wanted: boolean): void =>
        see.expect(claim, reply.status === 200 && reply.value === wanted, reply)
      boolean('no token', await world.service.check({ ...tokenless, pass: '' }), false)
      boolean('wrong PIN', await world.service.check({ ...owner, pass: '4321' }), false)
      const challenged = await world.service.check({ ...owner, pass: '1234' })
      boolean('right PIN', challenged, false)
      const used = { ...owner, pass: '', transaction_id: challenged.detail.transaction_id ?? '' }
      boolean('before the answer', await world.service.check(used), false)
      await holder.phone.accept(await nextPrompt(holder.phone, holder.serial))
      boolean('after the answer', await world.service.check(used), true)
    },
  },
  {
    number: 4,
    text: 'Wrong PIN gives HTTP 200, `value:false`, `REJECT`, no `detail.transaction_id`.',
    async check(world, see) {
      const { owner, phone } = await world.enrollPhone({ pin: '1234' })
      const reply = await world.service.check({ ...owner, pass: '4321' })
      see.expect(
        'HTTP 200, false, REJECT',
        reply.status === 200 && reply.value === false && reply.authentication === 'REJECT',
      )
      see.expect('no transaction_id', !('transaction_id' in reply.detail), reply.detail)
      see.equals('the phone is not rung', (await phone.poll()).length, 0)
    },
  },
  {
    number: 5,
    text: 'Unknown user on `/validate/check` gives HTTP 400 with code 904.',
    async check(world, see) {
      await world.enrollPhone()
      const nobody = { user: world.unique('nobody'), realm: world.realm, pass: 'x' }
      see.refused('unknown user', await world.service.check(nobody), 400, 904)
    },
  },
  {
    number: 6,
    text: 'Missing user and serial gives 400/905.',
    async check(world, see) {
      see.refused('neither', await world.service.check({ pass: 'x' }), 400, 905)
      see.refused('both empty', await world.service.check({ user: '', serial: '', pass: 'x' }), 400, 905)
    },
  },
]

const named = ({ login, password }: { login: string; password: string }) => ({ username: login, password })

function framed(see: Findings, claim: string, reply: Reply): void {
  const { jsonrpc, time, id, result } = fields(reply.body)
  const isFramed = jsonrpc === '2.0' && fields(result)['status'] === true
  see.expect(claim, isFramed && typeof time === 'number' && Number.isInteger(id), reply)
}

function faulty(see: Findings, claim: string, reply: Reply): void {
  const result = fields(fields(reply.body)['result'])
  const { code, message } = fields(result['error'])
  const isError = result['status'] === false && Number.isInteger(code) && typeof message === 'string'
  see.expect(claim, isError && reply.status >= 400 && !('value' in result), reply)
}
