/** Which Firebase configurations of a policy do not exist. Nobody could enroll by such a policy, so it is refused. */
import { type Policy, POLL_ONLY, TOKEN_TYPES } from '../../vocabulary.ts'
import { firebaseSecret } from '../../vocabulary/firebase.ts'
import { actionNameFor } from './actions/apps.ts'

interface FirebaseFault {
  readonly action: string
  /** Names the secret to set. */
  readonly why: string
}

/** The actions of the policy that name a Firebase configuration that is not set. */
export function firebaseFaults(
  { scope, action }: Policy,
  isFirebaseSet: (name: string) => boolean,
): readonly FirebaseFault[] {
  if (scope !== 'enrollment') return []
  return TOKEN_TYPES.flatMap((type) => {
    const name = actionNameFor(type, 'push_firebase_configuration')
    const value = Object.hasOwn(action, name) ? action[name] : undefined
    if (typeof value !== 'string' || value === POLL_ONLY || isFirebaseSet(value)) return []
    return [
      {
        action: name,
        why: `${name}: there is no Firebase configuration '${value}'; set the secret ${firebaseSecret(value)}`,
      },
    ]
  })
}
