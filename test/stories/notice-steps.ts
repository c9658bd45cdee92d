/** What users and administrators do about notices, and see of them. */
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import type { Prompt, Shown } from '../simulation/phone.ts'

/** The notice with this text that the phone finds by polling. */
export async function noticeOf({ phone, serial }: EnrolledUser, text: string): Promise<Prompt> {
  const found = (): Prompt | undefined => phone.openPrompts().find(({ question }) => question.includes(text))
  await waitUntil(async () => {
    await phone.poll(serial)
    return found() !== undefined
  })
  const notice = found()
  if (notice === undefined) throw new Error(`no notice says '${text}'`)
  return notice
}

export const notMe = ({ phone }: EnrolledUser, notice: Prompt): Promise<Shown> =>
  phone.decline(notice, { reason: 'unknown_trigger' })

/** What an administrator sees and does, in a Nod that opens later. */
export function tokenSteps(nod: () => Driver) {
  const stateOf = async (serial: string): Promise<string> => {
    const { active, revoked } = await nod().token(serial)
    return revoked === true ? 'revoked' : active === true ? 'active' : 'disabled'
  }
  return {
    stateOf,
    becomes: ({ serial }: EnrolledUser, state: string): Promise<boolean> =>
      waitUntil(async () => (await stateOf(serial)) === state),
    change: (verb: string, serial: string) => nod().service.call('POST', `/token/${verb}`, { form: { serial } }),
  }
}
