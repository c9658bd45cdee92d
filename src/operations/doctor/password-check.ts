import type { Check } from './finding.ts'

/** Whether the verifier of passwords answers, and has the secret. */
export const passwordCheck: Check = {
  id: 'password_check',
  async run({ ports }) {
    const { passwords } = ports.pinChecks
    if (passwords === undefined) return { state: 'skip', text: 'unchecked' }
    const values = { url: passwords.url }
    const probed = await passwords.probe()
    return probed.ok
      ? { state: 'ok', text: 'password_check_ok', values }
      : { state: 'fail', text: 'password_check_failed', values, next: 'PASSWORD_CHECK_URL, PASSWORD_CHECK_SECRET' }
  },
}
