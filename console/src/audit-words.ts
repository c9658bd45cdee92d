/** Records of the audit in words. */
import type { AuditEntry } from '../../client/src/index.ts'
import type { Tone } from './parts/notice.tsx'
import { texts } from './texts.ts'

const t = texts({
  en: {
    login: {
      ACCEPT: 'Let in',
      CHALLENGE: 'Login opened',
      REJECT: 'Login refused',
      DECLINED: 'Declined on the phone',
      signIn: 'Sign-in begun',
    },
    phone: {
      accepted: 'Accepted on the phone',
      confirmed: 'Confirmed on the phone',
      declined: 'Declined on the phone',
      registered: 'Phone registered',
      'registration token replaced': 'Push address of the phone renewed',
    },
    actions: {
      'login expired': 'Login expired',
      'POST /auth': 'Signed in',
      'POST /auth/logout': 'Signed out',
      'POST /auth/phone': 'Enrolled their own phone',
      'POST /auth/break-glass': 'Signed in without the phone, in an emergency',
      'POST /user/': 'Added the user',
      'PUT /user/': 'Changed the person',
      'DELETE /user/<resolver>/<user>': 'Deleted the user',
      'POST /token/init': 'Enrolled a phone',
      'POST /token/assign': 'Assigned a token',
      'POST /token/unassign': 'Took a token away',
      'POST /token/enable/<serial>': 'Enabled a token',
      'POST /token/disable/<serial>': 'Disabled a token',
      'POST /token/reset/<serial>': 'Reset a counter',
      'POST /token/revoke/<serial>': 'Revoked a token',
      'DELETE /token/<serial>': 'Deleted a token',
      'POST /token/pause/<serial>': 'Paused rings',
      'POST /token/resume/<serial>': 'Resumed rings',
      'POST /token/setpin/<serial>': 'Set a PIN',
      'POST /token/set/<serial>': 'Changed limits of a token',
      'POST /token/realm/<serial>': 'Changed realms of a token',
      'POST /token/description/<serial>': 'Described a token',
      'POST /token/bypass': 'Issued a bypass code',
      'DELETE /token/bypass/<id>': 'Withdrew a bypass code',
      'POST /invitation': 'Invited a user',
      'DELETE /invitation/<id>': 'Withdrew an invitation',
      'POST /policy/<name>': 'Saved a policy',
      'DELETE /policy/<name>': 'Deleted a policy',
      'POST /policy/enable/<name>': 'Switched a policy on',
      'POST /policy/disable/<name>': 'Switched a policy off',
      'POST /apikey': 'Made a service key',
      'DELETE /apikey/<name>': 'Revoked a service key',
      'POST /apikey/<name>/rotate': 'Gave a service key another secret',
      'POST /system/setConfig': 'Changed settings',
      'POST /administrator': 'Added an administrator',
      'DELETE /administrator/<login>': 'Deleted an administrator',
      'POST /administrator/password': 'Changed their own password',
      'POST /realm/<realm>': 'Made a realm',
      'DELETE /realm/<realm>': 'Deleted a realm',
      'PATCH /policy/<name>': 'Renamed a policy',
      'POST /policy/import/<filename>': 'Imported policies',
      'POST /administrator/enable/<login>': 'Enabled an administrator',
      'POST /administrator/disable/<login>': 'Disabled an administrator',
      'POST /administrator/phone-required/<login>': 'Changed whether an administrator needs a phone',
      'POST /defaultrealm/<realm>': 'Set the default realm',
      'DELETE /system/<key>': 'Reset a setting to its default',
      'POST /token/lost/<serial>': 'Reported a phone as lost',
      'DELETE /token/challenges/transaction/<transaction_id>': 'Withdrew a login',
      'POST /doctor/push': 'Rang a phone to test it',
      'POST /invitation/begin': 'Opened an invitation',
      'POST /invitation/confirm': 'Tested the phone of an invitation',
      'POST /report/logins/<transaction_id>/not-me': 'Said “not me” to a login',
      'POST /deployment/user-data/erase': 'Erased a user',
      'POST /webhook': 'Added a webhook',
      'DELETE /webhook/<name>': 'Deleted a webhook',
    },
    results: { ACCEPT: 'let in', CHALLENGE: 'opened', REJECT: 'refused', DECLINED: 'declined' },
    succeeded: 'done',
    failed: 'failed',
  },
  de: {
    login: {
      ACCEPT: 'Eingelassen',
      CHALLENGE: 'Anmeldung geöffnet',
      REJECT: 'Anmeldung verweigert',
      DECLINED: 'Auf dem Telefon abgelehnt',
      signIn: 'Anmeldung begonnen',
    },
    phone: {
      accepted: 'Auf dem Telefon angenommen',
      confirmed: 'Auf dem Telefon bestätigt',
      declined: 'Auf dem Telefon abgelehnt',
      registered: 'Telefon registriert',
      'registration token replaced': 'Push-Adresse des Telefons erneuert',
    },
    actions: {
      'login expired': 'Anmeldung abgelaufen',
      'POST /auth': 'Angemeldet',
      'POST /auth/logout': 'Abgemeldet',
      'POST /auth/phone': 'Eigenes Telefon ausgerollt',
      'POST /auth/break-glass': 'Im Notfall ohne Telefon angemeldet',
      'POST /user/': 'Benutzer angelegt',
      'PUT /user/': 'Person geändert',
      'DELETE /user/<resolver>/<user>': 'Benutzer gelöscht',
      'POST /token/init': 'Telefon ausgerollt',
      'POST /token/assign': 'Token zugewiesen',
      'POST /token/unassign': 'Token weggenommen',
      'POST /token/enable/<serial>': 'Token aktiviert',
      'POST /token/disable/<serial>': 'Token deaktiviert',
      'POST /token/reset/<serial>': 'Zähler zurückgesetzt',
      'POST /token/revoke/<serial>': 'Token widerrufen',
      'DELETE /token/<serial>': 'Token gelöscht',
      'POST /token/pause/<serial>': 'Klingeln ausgesetzt',
      'POST /token/resume/<serial>': 'Klingeln wieder erlaubt',
      'POST /token/setpin/<serial>': 'PIN gesetzt',
      'POST /token/set/<serial>': 'Grenzen eines Tokens geändert',
      'POST /token/realm/<serial>': 'Realms eines Tokens geändert',
      'POST /token/description/<serial>': 'Token beschrieben',
      'POST /token/bypass': 'Ersatzcode ausgestellt',
      'DELETE /token/bypass/<id>': 'Ersatzcode zurückgezogen',
      'POST /invitation': 'Benutzer eingeladen',
      'DELETE /invitation/<id>': 'Einladung zurückgezogen',
      'POST /policy/<name>': 'Richtlinie gespeichert',
      'DELETE /policy/<name>': 'Richtlinie gelöscht',
      'POST /policy/enable/<name>': 'Richtlinie eingeschaltet',
      'POST /policy/disable/<name>': 'Richtlinie ausgeschaltet',
      'POST /apikey': 'Dienstschlüssel angelegt',
      'DELETE /apikey/<name>': 'Dienstschlüssel widerrufen',
      'POST /apikey/<name>/rotate': 'Dienstschlüssel gewechselt',
      'POST /system/setConfig': 'Einstellungen geändert',
      'POST /administrator': 'Administrator angelegt',
      'DELETE /administrator/<login>': 'Administrator gelöscht',
      'POST /administrator/password': 'Eigenes Passwort geändert',
      'POST /realm/<realm>': 'Realm angelegt',
      'DELETE /realm/<realm>': 'Realm gelöscht',
      'PATCH /policy/<name>': 'Richtlinie umbenannt',
      'POST /policy/import/<filename>': 'Richtlinien importiert',
      'POST /administrator/enable/<login>': 'Administrator aktiviert',
      'POST /administrator/disable/<login>': 'Administrator deaktiviert',
      'POST /administrator/phone-required/<login>': 'Geändert, ob ein Administrator ein Telefon braucht',
      'POST /defaultrealm/<realm>': 'Vorgabe-Realm gesetzt',
      'DELETE /system/<key>': 'Einstellung auf die Vorgabe zurückgesetzt',
      'POST /token/lost/<serial>': 'Telefon als verloren gemeldet',
      'DELETE /token/challenges/transaction/<transaction_id>': 'Anmeldung zurückgezogen',
      'POST /doctor/push': 'Telefon zur Probe klingeln lassen',
      'POST /invitation/begin': 'Einladung geöffnet',
      'POST /invitation/confirm': 'Telefon einer Einladung geprüft',
      'POST /report/logins/<transaction_id>/not-me': 'Zu einer Anmeldung „Nicht ich“ gesagt',
      'POST /deployment/user-data/erase': 'Benutzer gelöscht, mit allen Daten',
      'POST /webhook': 'Webhook angelegt',
      'DELETE /webhook/<name>': 'Webhook gelöscht',
    },
    results: { ACCEPT: 'eingelassen', CHALLENGE: 'geöffnet', REJECT: 'verweigert', DECLINED: 'abgelehnt' },
    succeeded: 'erledigt',
    failed: 'fehlgeschlagen',
  },
})

type Said = Pick<AuditEntry, 'action' | 'authentication' | 'info' | 'success'>
type Words = Readonly<Record<string, string>>

/** What a record says has happened; where there are no words for it, and where nothing has, the request that the record names. */
export function wordsOf({ action, authentication, info, success }: Said): string {
  const { login, phone, actions } = t()
  if (action.startsWith('login ')) return (actions as Words)[action] ?? action
  if (action.startsWith('POST /ttype/') && success === 1)
    return (phone as Words)[/^[^:,]*/.exec(info)?.[0] ?? ''] ?? action
  const isOpened = authentication === 'CHALLENGE'
  if (action.includes('/validate/'))
    return (login as Words)[success === 1 || isOpened ? authentication : 'REJECT'] ?? action
  if (action === 'POST /auth' && isOpened) return login.signIn
  return success === 1 || isOpened ? ((actions as Words)[action] ?? action) : action
}

/** What a record says besides. */
export function detailsOf(entry: Said): string {
  const { action, info } = entry
  return [wordsOf(entry) === action ? '' : action, info].filter(Boolean).join(' · ')
}

/** Its result in a word, with its tone. A decline is done, and lets nobody in. */
export function resultOf({ authentication, success }: Said): readonly [word: string, tone: Tone] {
  const { results, succeeded, failed } = t()
  const word = (results as Words)[authentication] ?? (authentication === '' ? undefined : authentication)
  if (authentication === 'CHALLENGE') return [results.CHALLENGE, 'info']
  if (success !== 1) return [word ?? failed, 'bad']
  return [word ?? succeeded, authentication === 'DECLINED' ? 'warn' : 'good']
}
