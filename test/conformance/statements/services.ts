/** Statements 42 to 45: RADIUS, FCM that fails, registration tokens, time. */
import { nextPrompt } from '../../driver/driver.ts'
import { sleep } from '../../driver/waiting.ts'
import type { Reply } from '../../simulation/reply.ts'
import type { Statement } from '../statement.ts'
import type { EnrolledUser } from '../world.ts'

const HINT = ' Use the polling feature of your privacyIDEA Authenticator App to check for a new Login request.'

export const services: readonly Statement[] = [
  {
    number: 42,
    text: '`state` works like `transaction_id` (FreeRADIUS flow end to end).',
    async check(world, see) {
      const holder = await world.enrollPhone({ pin: '1234' })
      const radius = world.caller({ userAgent: 'FreeRADIUS' })
      const challenged = await radius.check({ ...holder.owner, pass: '1234', resConf: '' })
      const { transaction_id: state = '', message } = challenged.detail
      const isChallenge = challenged.value === false && state !== '' && typeof message === 'string'
      see.expect('Access-Challenge', isChallenge, challenged)
      const early = await radius.check({ ...holder.owner, pass: 'x', state })
      see.expect('too early', early.value === false && !('transaction_id' in early.detail), early)
      await holder.phone.accept(await nextPrompt(holder.phone, holder.serial))
      const used = await radius.check({ ...holder.owner, pass: 'whatever was typed', state })
      see.expect('Access-Accept', used.value === true && used.authentication === 'ACCEPT', used)
    },
  },
  {
    number: 43,
    text: 'FCM failure still leaves a pollable challenge and adds the hint; `exception=1` gives 400/401.',
    async check(world, see) {
      for (const behavior of [503, 404]) {
        const holder = await world.enrollPhone({ pushed: true })
        await world.google.behave(holder.phone, behavior)
        const opened = await world.service.triggerchallenge(holder.owner)
        see.expect(`${behavior}: a challenge`, opened.value === 1 && opened.authentication === 'CHALLENGE', opened)
        see.expect(`${behavior}: the hint`, opened.detail.message?.endsWith(HINT) === true, opened.detail.message)
        see.expect(`${behavior}: can be polled`, (await holder.phone.poll()).length === 1, holder.phone.dropped)
      }
      const holder = await world.enrollPhone({ pushed: true })
      await world.google.behave(holder.phone, 503)
      const refused = await world.service.triggerchallenge({ ...holder.owner, exception: '1' })
      see.refused('exception=1', refused, 400, 401)
    },
  },
  {
    number: 44,
    text: 'Token update within ±5 min changes the stored FCM token; outside gives 400/10.',
    async check(world, see) {
      const isPushed = world.options.google !== undefined
      const holder = await world.enrollPhone({ pushed: isPushed })
      const renewed = `renewed-${crypto.randomUUID()}`
      see.refused('6 min old', await refresh(holder, 'too-old', 360), 400, 10)
      see.refused('6 min ahead', await refresh(holder, 'too-new', -360), 400, 10)
      const older = await refresh(holder, 'on-the-way', 240)
      see.expect('4 min old', older.value === true, older)
      const ahead = await refresh(holder, renewed, -240)
      see.expect('4 min ahead', ahead.value === true, ahead)
      if (!isPushed) return see.skip('stored', 'no simulated Google: --google')
      await world.service.trigger(holder.owner)
      see.equals('stored', (await world.google.messagesTo({ registrationToken: renewed }, 5000)).length, 1)
    },
  },
  {
    number: 45,
    slow: true,
    text:
      'Answer more than 120 s after the trigger is refused; finalize works up to the grace after an answer and ' +
      'not later.',
    async check(world, see) {
      await world.setting('PushChallengeValidityTime', '3')
      await world.setting('PushChallengeFinalizeGrace', '3')
      const holder = await world.enrollPhone()
      const late = await world.loginWithPrompt(holder)
      await sleep(4000)
      see.expect('answered too late', !(await holder.phone.accept(late.prompt)).taken)
      see.equals('status', await world.service.status(late.login.transactionId), 'pending')
      see.equals('no login', await world.service.finalize(late.login.transactionId), 'REJECT')
      const answered = async (wait: number): Promise<string> => {
        const { login, prompt } = await world.loginWithPrompt(holder)
        await sleep(1500)
        await holder.phone.accept(prompt)
        await sleep(wait)
        return world.service.finalize(login.transactionId)
      }
      // 3.5 s after it was opened, and 2 s after the answer.
      see.equals('within the grace', await answered(2000), 'ACCEPT')
      see.equals('after the grace', await answered(4500), 'REJECT')
    },
  },
]

/** The phone's new registration token, with a timestamp so many seconds ago. */
async function refresh({ phone, serial }: EnrolledUser, token: string, ago: number): Promise<Reply> {
  const timestamp = new Date(Date.now() - ago * 1000).toISOString()
  const url = phone.tokens.get(serial)?.url ?? ''
  return phone.post(url, await phone.refreshForm(serial, token, timestamp))
}
