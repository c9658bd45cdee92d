/** Statements 36 to 41: number matching, code to phone, push_wait. */
import { nextPrompt } from '../../driver/driver.ts'
import type { Prompt } from '../../simulation/phone.ts'
import type { Reply } from '../../simulation/reply.ts'
import type { Statement } from '../statement.ts'
import type { EnrolledUser, World } from '../world.ts'

export const modes: readonly Statement[] = [
  {
    number: 36,
    text:
      'Number matching: options distinct, correct one included, field `presence_answer` equals it, ' +
      'message ends with ` Please press: X`.',
    async check(world, see) {
      const pools = {
        ALPHABETIC: [{}, 3, /^[A-Z]$/],
        NUMERIC: [{ push_presence_num_options: '5' }, 5, /^\d\d$/],
        CUSTOM: [{ push_presence_custom_options: 'red:green:blue:gold' }, 3, /^(?:red|green|blue|gold)$/],
      } as const
      const holder = await world.enrollPhone()
      for (const [pool, [more, count, shape]] of Object.entries(pools)) {
        await world.policy('authentication', { push_require_presence: true, push_presence_options: pool, ...more })
        const { login, prompt } = await world.loginWithPrompt(holder)
        const options = prompt.options ?? []
        const right = login.presence ?? ''
        const challenge = login.reply.detail.multi_challenge?.[0]
        see.expect(`${pool}: ${count} options`, new Set(options).size === count && options.length === count, options)
        see.expect(
          `${pool}: from the pool`,
          options.every((option) => shape.test(option)),
          options,
        )
        see.expect(`${pool}: correct one included`, options.includes(right), right)
        see.equals(`${pool}: in the challenge too`, challenge?.presence_answer, right)
        see.expect(`${pool}: message`, login.message.endsWith(` Please press: ${right}`), login.message)
        see.equals(`${pool}: client_mode`, login.clientMode, 'poll')
        see.expect(`${pool}: right one taken`, (await holder.phone.accept(prompt, { presence: right })).taken)
        see.equals(`${pool}: login`, await world.service.finalize(login.transactionId), 'ACCEPT')
        await world.deletePolicies()
      }
    },
  },
  {
    number: 37,
    text: 'Wrong number gives `value:false` and does not answer the challenge.',
    async check(world, see) {
      await world.policy('authentication', { push_require_presence: true })
      const holder = await world.enrollPhone()
      const { login, prompt } = await world.loginWithPrompt(holder)
      const wrong = prompt.options?.find((option) => option !== login.presence) ?? ''
      see.expect('false', !(await holder.phone.accept(prompt, { presence: wrong })).taken)
      see.expect('not answered', (await world.service.status(login.transactionId)) !== 'accept')
      see.equals('no login', await world.service.finalize(login.transactionId), 'REJECT')
      const { prompt: other } = await world.loginWithPrompt(holder)
      see.expect('none is as good as wrong', !(await holder.phone.accept(other)).taken)
    },
  },
  {
    number: 38,
    text:
      'Code-to-phone: `client_mode:"interactive"`, status stays `pending`, confirm returns a `display_code` of the ' +
      'configured number of digits.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      // privacyIDEA's number cannot be configured: it is 2.
      const action = { push_code_to_phone: true } as const
      const isConfigurable = await world.tryPolicy('authentication', { ...action, push_code_to_phone_digits: '4' })
      if (!isConfigurable) await world.policy('authentication', action)
      const { login, prompt } = await world.loginWithPrompt(holder)
      const { detail } = login.reply
      see.equals('client_mode', detail.client_mode, 'interactive')
      see.equals('in the challenge too', detail.multi_challenge?.[0]?.client_mode, 'interactive')
      see.equals('the answer is shown', detail.attributes?.['hideResponseInput'], false)
      see.equals('message', login.message, 'Please enter the code displayed on your smartphone.')
      see.equals('pending', await world.service.status(login.transactionId), 'pending')
      const shown = await holder.phone.accept(prompt)
      const digits = isConfigurable ? 4 : 2
      see.expect('digits', new RegExp(`^\\d{${digits}}$`).test(shown.displayCode ?? ''), shown.displayCode)
      see.equals('still pending', await world.service.status(login.transactionId), 'pending')
      see.equals('no login without it', await world.service.finalize(login.transactionId), 'REJECT')
    },
  },
  {
    number: 39,
    text: 'After the confirm a signed plain decline returns `value:false` and the code still works.',
    async check(world, see) {
      await world.policy('authentication', { push_code_to_phone: true })
      const holder = await world.enrollPhone()
      const { login, prompt } = await world.loginWithPrompt(holder)
      const { displayCode = '' } = await holder.phone.accept(prompt)
      see.expect('declined in vain', !(await holder.phone.closeCodeWindow(prompt)).taken)
      see.equals('pending', await world.service.status(login.transactionId), 'pending')
      see.equals('login', await world.service.finalize(login.transactionId, undefined, { pass: displayCode }), 'ACCEPT')
    },
  },
  {
    number: 40,
    text: 'A wrong code raises the fail counter; the right code succeeds.',
    async check(world, see) {
      await world.policy('authentication', { push_code_to_phone: true })
      const holder = await world.enrollPhone()
      const { login, prompt } = await world.loginWithPrompt(holder)
      const tried = (pass: string): Promise<string> => world.service.finalize(login.transactionId, undefined, { pass })
      see.equals('a guess before the confirm', await tried('00'), 'REJECT')
      const before = await failures(world, holder)
      const { displayCode = '' } = await holder.phone.accept(prompt)
      see.equals(
        'wrong',
        await tried(displayCode.replaceAll(/\d/g, (digit) => String((Number(digit) + 1) % 10))),
        'REJECT',
      )
      see.equals('counted', await failures(world, holder), Number(before) + 1)
      see.equals('right', await tried(displayCode), 'ACCEPT')
    },
  },
  {
    number: 41,
    text: '`push_wait=10` with accept returns `matching 1 tokens`; with decline `DECLINED`; never a transaction id.',
    async check(world, see) {
      await world.policy('authentication', { push_wait: '10' })
      const holder = await world.enrollPhone({ pin: '1234' })
      const waited = async (answer: (prompt: Prompt) => Promise<unknown>): Promise<Reply> => {
        const waiting = world.service.check({ ...holder.owner, pass: '1234' })
        await answer(await nextPrompt(holder.phone, holder.serial))
        return waiting
      }
      const said = ({ value, authentication, detail }: Reply): readonly unknown[] => [
        value,
        authentication,
        detail.message,
        detail.challenge_status,
      ]
      const accepted = await waited((prompt) => holder.phone.accept(prompt))
      see.equals('accept', said(accepted), [true, 'ACCEPT', 'matching 1 tokens', undefined])
      const cancelled = await waited((prompt) => holder.phone.decline(prompt, { reason: 'cancelled' }))
      see.equals('cancel', said(cancelled), [false, 'DECLINED', 'wrong otp value', 'cancelled'])
      const declined = await waited((prompt) => holder.phone.decline(prompt))
      see.equals('decline', said(declined), [false, 'DECLINED', 'wrong otp value', 'declined'])
      const isBare = [accepted, declined, cancelled].every(({ detail }) => !('transaction_id' in detail))
      see.expect('no transaction_id', isBare, [accepted.detail, declined.detail, cancelled.detail])
    },
  },
]

const failures = async (world: World, { serial }: EnrolledUser): Promise<unknown> =>
  (await world.token(serial))['failcount']
