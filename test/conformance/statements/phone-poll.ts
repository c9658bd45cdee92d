/** Statements 26 to 29: a phone asks for prompts. */
import { sleep } from '../../driver/waiting.ts'
import type { Reply } from '../../simulation/reply.ts'
import type { Statement } from '../statement.ts'
import type { EnrolledUser } from '../world.ts'

export const phonePoll: readonly Statement[] = [
  {
    number: 26,
    text: 'Poll with a timestamp 90 s old gives 400/10; 30 s old works; naive timestamps count as UTC.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      see.refused('90 s old', await poll(holder, ago(90)), 400, 10)
      see.refused('90 s ahead', await poll(holder, ago(-90)), 400, 10)
      for (const [claim, timestamp] of Object.entries({
        '30 s old': ago(30),
        'without zone': ago(20).replace('Z', ''),
        'with an offset': ago(10).replace('Z', '+00:00'),
        'another offset': new Date(Date.now() + 7_200_000).toISOString().replace('Z', '+02:00'),
      })) {
        const reply = await poll(holder, timestamp)
        see.expect(claim, Array.isArray(reply.value), reply)
      }
      see.refused('no timestamp', await poll(holder, 'yesterday'), 400, 10)
    },
  },
  {
    number: 27,
    text: 'Poll of an unknown serial and poll with a bad signature give identical answers.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      const timestamp = ago(0)
      const { url } = tokenOf(holder)
      const unknown = await holder.phone.get(url, await holder.phone.phonePollQuery(world.unique('no'), timestamp))
      const signature = await holder.phone.sign('something else')
      const bad = await holder.phone.get(url, { serial: holder.serial, timestamp, signature })
      see.refused('unknown serial', unknown, 400, 10)
      see.refused('bad signature', bad, 400, 10)
      see.equals('identical', essence(unknown), essence(bad))
    },
  },
  {
    number: 28,
    text: 'Poll with `push_allow_polling=deny` gives 403/303; `token` honours `polling_allowed`.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      await world.policy('authentication', { push_allow_polling: 'deny' })
      see.refused('deny', await poll(holder, ago(0)), 403, 303)
      await world.deletePolicies()
      await world.policy('authentication', { push_allow_polling: 'token' })
      const undecided = await poll(holder, ago(1))
      see.expect('token, nothing said', Array.isArray(undecided.value), undecided)
      const allow = (value: string): Promise<Reply> =>
        world.call('POST', `/token/info/${holder.serial}/polling_allowed`, { form: { value } })
      await allow('False')
      see.refused('token, not allowed', await poll(holder, ago(2)), 403, 303)
      await allow('True')
      const allowed = await poll(holder, ago(3))
      see.expect('token, allowed', Array.isArray(allowed.value), allowed)
    },
  },
  {
    number: 29,
    text: 'Poll lists only answerable challenges; answered, refused, expired ones vanish.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      const { phone } = holder
      const count = async (): Promise<unknown> => {
        const { value } = await poll(holder, phone.timestamp())
        return Array.isArray(value) ? value.length : value
      }
      const answered = await world.loginWithPrompt(holder)
      see.equals('open', await count(), 1)
      await phone.accept(answered.prompt)
      see.equals('answered', await count(), 0)
      const refused = await world.loginWithPrompt(holder)
      see.equals('open again', await count(), 1)
      await phone.decline(refused.prompt)
      see.equals('refused', await count(), 0)
      if (!world.options.slow) return see.skip('expired', 'takes time: --slow')
      await world.setting('PushChallengeValidityTime', '2')
      await world.loginWithPrompt(holder)
      see.equals('open for 2 s', await count(), 1)
      await sleep(3000)
      see.equals('expired', await count(), 0)
    },
  },
]

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString()

function tokenOf({ phone, serial }: EnrolledUser) {
  const token = phone.tokens.get(serial)
  if (token === undefined) throw new Error(`no token ${serial} on this phone`)
  return token
}

async function poll(holder: EnrolledUser, timestamp: string): Promise<Reply> {
  const { phone, serial } = holder
  return phone.get(tokenOf(holder).url, await phone.phonePollQuery(serial, timestamp))
}

/** An answer without the fields that differ from one to the next. */
const essence = ({ status, body }: Reply): unknown => {
  const { time, signature, ...rest } = body as Readonly<Record<string, unknown>>
  return { status, rest, isTimed: time !== undefined, isSigned: signature !== undefined }
}
