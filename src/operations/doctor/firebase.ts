import type { FirebaseProbe } from '../../vocabulary/doctor.ts'
import type { Finding } from './finding.ts'

/** What Google's answer to the check of one Firebase configuration means. */
export function firebaseFinding(name: string, { project, result, isTokenRefused }: FirebaseProbe): Finding {
  const values = { name, project }
  const account = `wrangler secret put FIREBASE_${name.toUpperCase()}`
  if (result === 'ready') return { state: 'ok', text: 'firebase_ready', values }
  const details = `${isTokenRefused ? 'access token' : 'message'}: ${result}`
  switch (result) {
    case 'credentials':
      return { state: 'fail', text: 'firebase_credentials', values, details, next: account }
    case 'not_found':
      return { state: 'fail', text: 'firebase_project', values, details, next: account }
    case 'sender_id_mismatch':
      return { state: 'fail', text: 'firebase_other_project', values, details, next: account }
    default:
      return {
        state: 'warn',
        text: 'firebase_unreachable',
        values,
        details,
        next: 'https://status.firebase.google.com/',
      }
  }
}
