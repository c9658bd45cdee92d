/** Statements 46 to 50: tokens in lists and in trouble, and two services at once. */
import { type Reply, fields, isFields } from '../../simulation/reply.ts'
import type { Statement } from '../statement.ts'

/** What java-client needs of an item (docs/protocol.md, "Token list"). */
const TYPES = {
  string: [
    'serial',
    'tokentype',
    'description',
    'rollout_state',
    'resolver',
    'user_id',
    'username',
    'user_realm',
    'container_serial',
  ],
  number: ['id', 'failcount', 'maxfail', 'count', 'count_window', 'sync_window', 'otplen'],
  boolean: ['active', 'revoked', 'locked', 'user_editable'],
} as const

export const tokens: readonly Statement[] = [
  {
    number: 46,
    text: '`GET /token/?user=…` items have string-only `info` values and the types of docs/protocol.md 13.3.',
    async check(world, see) {
      const { owner, serial } = await world.enrollPhone()
      const { value } = await world.call('GET', '/token/', { query: { ...owner } })
      const { tokens: list, count } = fields(value)
      see.equals('count', count, 1)
      const item = fields(Array.isArray(list) ? list[0] : undefined)
      see.equals('serial', item['serial'], serial)
      for (const [type, names] of Object.entries(TYPES))
        for (const name of names) see.expect(name, typeof item[name] === type, item[name])
      for (const name of ['realms', 'tokengroup']) see.expect(name, Array.isArray(item[name]), item[name])
      const { info } = item
      const isText = isFields(info) && Object.values(info).every((one) => typeof one === 'string')
      see.expect('info', isText, info)
      see.equals('username', [item['username'], item['user_realm']], [owner.user, owner.realm])
    },
  },
  {
    number: 47,
    text: 'A disabled, revoked or locked-out (fail counter) push token triggers no challenge.',
    async check(world, see) {
      const silent = (claim: string, reply: Reply): void =>
        see.expect(claim, reply.status === 200 && reply.value === 0 && reply.detail.transaction_id === undefined, reply)
      for (const verb of ['disable', 'revoke']) {
        const { owner, serial } = await world.enrollPhone()
        await world.call('POST', `/token/${verb}/${serial}`)
        silent(verb, await world.service.triggerchallenge(owner))
      }
      await world.setting('DefaultMaxFailCount', '2')
      const { owner, serial } = await world.enrollPhone({ pin: '1234' })
      for (let failures = 0; failures < 2; failures++) await world.service.check({ ...owner, pass: '4321' })
      silent('locked out', await world.service.triggerchallenge(owner))
      const reply = await world.service.check({ ...owner, pass: '1234' })
      see.expect('nor with the right PIN', reply.value === false && !('transaction_id' in reply.detail), reply)
      see.equals('failcount', (await world.token(serial))['failcount'], 2)
    },
  },
  {
    number: 48,
    text: 'Regenerating an enrolled serial sets `clientwait`, inactive, and a new credential.',
    async check(world, see) {
      const { owner, serial, phone, reply } = await world.enrollPhone()
      const again = await world.init({ ...owner, serial })
      see.expect('taken', again.value === true && again.detail.serial === serial, again)
      see.expect('a new credential', again.detail.enrollment_credential !== reply.detail.enrollment_credential)
      const item = await world.token(serial)
      see.equals('clientwait, inactive', [item['rollout_state'], item['active']], ['clientwait', false])
      const silent = await world.service.triggerchallenge(owner)
      see.expect('rings nobody', silent.value === 0, silent)
      await phone.register(phone.scan(again.detail.pushurl?.value ?? ''))
      await world.service.trigger(owner)
      see.expect('enrolled anew', (await phone.poll()).length === 1, phone.dropped)
    },
  },
  {
    number: 49,
    text: '`triggerchallenge` for a user without tokens returns `value:0`, HTTP 200.',
    async check(world, see) {
      const reply = await world.service.triggerchallenge({ ...(await world.newUser()) })
      see.expect('0', reply.status === 200 && reply.value === 0, reply)
      see.equals('authentication', reply.authentication, 'REJECT')
      const { transaction_id: id, transaction_ids: ids, multi_challenge: challenges, messages } = reply.detail
      see.equals('detail', [id, ids, challenges, messages], [undefined, [], [], []])
    },
  },
  {
    number: 50,
    text: 'Two concurrent finalizes of one transaction yield exactly one success.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      const counts: number[] = []
      for (let round = 0; round < 6; round++) {
        const { login, prompt } = await world.loginWithPrompt(holder)
        await holder.phone.accept(prompt)
        const form = world.service.finalizeForm(login.transactionId)
        const replies = await Promise.all([world.caller().check(form), world.caller().check(form)])
        counts.push(replies.filter(({ value }) => value === true).length)
        see.expect(
          'no error',
          replies.every(({ status }) => status === 200),
          replies.map(({ status }) => status),
        )
      }
      see.expect(
        'one success',
        counts.every((count) => count === 1),
        counts,
      )
    },
  },
]
