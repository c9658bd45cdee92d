import type { Policy } from '../../vocabulary.ts'

/** The actions of the policy that need a verifier of passwords, if none is configured. */
export function directoryFaults(
  { scope, action }: Pick<Policy, 'scope' | 'action'>,
  hasVerifier: boolean,
): readonly { readonly action: string; readonly why: string }[] {
  if (hasVerifier || scope !== 'authentication' || action['otppin'] !== 'userstore') return []
  const why =
    'otppin: Nod keeps no passwords of a directory, and has nobody to ask about them: set PASSWORD_CHECK_URL (docs/password-check.md)'
  return [{ action: 'otppin', why }]
}
