/** Why a login was refused before it opened, in a sentence for whoever helps its user, and what to do. */
import type { Language } from '../../vocabulary.ts'
import type { RefusalExplanation } from './explained-refusals.ts'

/** What happened, and what helps, if anything has to be done. */
export type HelpTexts = readonly [reason: string, advice?: string]

export const AGAIN = 'Let the user log in again.'
export const AGAIN_DE = 'Die Person meldet sich noch einmal an.'
export const KEY = 'Check the service key in the settings of the service.'
export const KEY_DE = 'Den Dienstschlüssel in den Einstellungen des Dienstes prüfen.'
const POLICIES = 'Simulate the policies for this user.'
const POLICIES_DE = 'Die Richtlinien für diese Person simulieren.'

export const REFUSAL_TEXTS: Readonly<Record<RefusalExplanation, Readonly<Record<Language, HelpTexts>>>> = {
  refused: {
    en: ['The request was refused.', 'See its line in the audit.'],
    de: ['Die Anfrage wurde abgelehnt.', 'Ihre Zeile im Audit ansehen.'],
  },
  'refused/pin_wrong': {
    en: ['The PIN was wrong.', 'Set another PIN if the user has forgotten it.'],
    de: ['Die PIN war falsch.', 'Eine andere PIN setzen, falls sie vergessen wurde.'],
  },
  'refused/owner_has_no_tokens': {
    en: ['The user has no token.', 'Enroll a phone, or issue a bypass code.'],
    de: ['Die Person hat kein Token.', 'Ein Telefon einrichten oder einen Ersatzcode ausgeben.'],
  },
  'refused/no_suitable_token': {
    en: [
      'No token of the user can take part: they are disabled, revoked or not enrolled yet.',
      'Enable the token or enroll the phone.',
    ],
    de: [
      'Kein Token der Person kommt in Frage: sie sind gesperrt, widerrufen oder noch nicht eingerichtet.',
      'Das Token einschalten oder das Telefon einrichten.',
    ],
  },
  'refused/attempts_exceeded': {
    en: [
      'The token is locked after too many failed attempts.',
      'Reset the failed attempts once you know that they were the user’s own.',
    ],
    de: [
      'Das Token ist nach zu vielen Fehlversuchen gesperrt.',
      'Die Fehlversuche zurücksetzen, wenn feststeht, dass es eigene waren.',
    ],
  },
  'refused/pin_attempts_paused': {
    en: ['Too many wrong PINs came from where the user is.', 'Wait, or reset the failed attempts of the token.'],
    de: ['Von dort kamen zu viele falsche PINs.', 'Abwarten oder die Fehlversuche des Tokens zurücksetzen.'],
  },
  'refused/source_blocked': {
    en: [
      'The user reported a login from there a short time ago.',
      'Wait, or reset the token once the user says who it was.',
    ],
    de: [
      'Die Person hat vor kurzem eine Anmeldung von dort gemeldet.',
      'Abwarten oder das Token zurücksetzen, wenn klar ist, wer es war.',
    ],
  },
  'refused/pin_suspended': {
    en: ['The user reported logins by this PIN: it is suspended.', 'Set another PIN.'],
    de: ['Die Person hat Anmeldungen mit dieser PIN gemeldet: sie ist ausgesetzt.', 'Eine andere PIN setzen.'],
  },
  'refused/pin_pending': {
    en: ['The token was imported, and its PIN cannot be checked here.', 'Set a PIN.'],
    de: ['Das Token wurde importiert, und seine PIN kann hier nicht geprüft werden.', 'Eine PIN setzen.'],
  },
  'refused/uses_exceeded': {
    en: ['The token has been used as often as it may be.', 'Raise its limit, or enroll the phone anew.'],
    de: ['Das Token wurde so oft benutzt, wie es darf.', 'Die Grenze anheben oder das Telefon neu einrichten.'],
  },
  'refused/outside_validity': {
    en: ['The token is outside of its validity period.', 'Change the period, or enroll the phone anew.'],
    de: [
      'Das Token liegt außerhalb seines Gültigkeitszeitraums.',
      'Den Zeitraum ändern oder das Telefon neu einrichten.',
    ],
  },
  'refused/logins_limited': {
    en: ['The user’s quota of logins is used up.', 'Wait, or change the policy auth_max_success or auth_max_fail.'],
    de: [
      'Das Kontingent an Anmeldungen ist aufgebraucht.',
      'Abwarten oder die Richtlinie auth_max_success oder auth_max_fail ändern.',
    ],
  },
  'refused/unused_too_long': {
    en: ['The token has not been used for longer than policy allows.', 'Enroll the phone anew.'],
    de: ['Das Token wurde länger nicht benutzt, als die Richtlinie erlaubt.', 'Das Telefon neu einrichten.'],
  },
  'refused/transaction_unknown': {
    en: [
      'The service asked for a login that is over, or was not its own.',
      'Let the user log in again; a service must use each login once.',
    ],
    de: [
      'Der Dienst fragte nach einer Anmeldung, die vorbei oder nicht seine war.',
      'Die Person meldet sich noch einmal an; ein Dienst benutzt jede Anmeldung einmal.',
    ],
  },
  'refused/not_accepted': {
    en: ['The service asked for a login that the phone had not accepted, or the code was wrong.', AGAIN],
    de: [
      'Der Dienst fragte nach einer Anmeldung, der das Telefon nicht zugestimmt hatte, oder der Code war falsch.',
      AGAIN_DE,
    ],
  },
  'refused/declined': {
    en: ['The user declined on the phone.', AGAIN],
    de: ['Die Person hat am Telefon abgelehnt.', AGAIN_DE],
  },
  'refused/unanswered': {
    en: ['Nobody answered on the phone in time.', AGAIN],
    de: ['Am Telefon hat niemand rechtzeitig geantwortet.', AGAIN_DE],
  },
  'refused/enrollment_not_cancelled': {
    en: ['The enrollment could not be cancelled.', AGAIN],
    de: ['Die Einrichtung konnte nicht abgebrochen werden.', AGAIN_DE],
  },
  'refused/user_unknown': {
    en: ['There is no such user.', 'Check name and realm, and what the service sends.'],
    de: ['Diese Person gibt es nicht.', 'Name und Realm prüfen, und was der Dienst sendet.'],
  },
  'refused/user_not_in_realm': {
    en: ['The user is not in this realm.', 'Check the realm that the service sends.'],
    de: ['Die Person ist nicht in diesem Realm.', 'Den Realm prüfen, den der Dienst sendet.'],
  },
  'refused/realm_unknown': {
    en: ['There is no such realm.', 'Check the realm that the service sends.'],
    de: ['Diesen Realm gibt es nicht.', 'Den Realm prüfen, den der Dienst sendet.'],
  },
  'refused/token_unknown': {
    en: ['There is no such token.', 'Check the serial that the service sends.'],
    de: ['Dieses Token gibt es nicht.', 'Die Seriennummer prüfen, die der Dienst sendet.'],
  },
  'refused/not_authorized': {
    en: ['Policy does not let this user log in there.', POLICIES],
    de: ['Eine Richtlinie lässt diese Anmeldung dort nicht zu.', POLICIES_DE],
  },
  'refused/token_not_allowed': {
    en: ['Policy does not allow this token there.', POLICIES],
    de: ['Eine Richtlinie lässt dieses Token dort nicht zu.', POLICIES_DE],
  },
  'refused/delivery_failed': {
    en: [
      'The push message could not be delivered, and policy makes that an error.',
      'See the report of phones and the deliveries of the Firebase configuration.',
    ],
    de: [
      'Die Push-Nachricht konnte nicht zugestellt werden, und eine Richtlinie macht das zum Fehler.',
      'Den Bericht der Telefone und die Zustellungen der Firebase-Konfiguration ansehen.',
    ],
  },
  'refused/storage_unavailable': {
    en: ['The database did not answer.', 'See GET /healthz?deep=1 and the platform’s status.'],
    de: ['Die Datenbank hat nicht geantwortet.', 'GET /healthz?deep=1 und den Status der Plattform ansehen.'],
  },
  'refused/too_many_requests': {
    en: ['Too many refused requests came from there.', 'Wait a minute, or see the rate limits.'],
    de: ['Von dort kamen zu viele abgelehnte Anfragen.', 'Eine Minute warten oder die Ratenbegrenzung ansehen.'],
  },
  'refused/too_many_waiting': {
    en: ['Too many requests waited at once.', 'Have the service poll instead of waiting.'],
    de: ['Zu viele Anfragen haben zugleich gewartet.', 'Den Dienst abfragen statt warten lassen.'],
  },
  'refused/service_key_required': {
    en: ['The service sent no valid service key.', KEY],
    de: ['Der Dienst sandte keinen gültigen Dienstschlüssel.', KEY_DE],
  },
  'refused/service_key_expired': {
    en: ['The service key has expired.', 'Rotate the key and give the service the new one.'],
    de: ['Der Dienstschlüssel ist abgelaufen.', 'Den Schlüssel erneuern und dem Dienst den neuen geben.'],
  },
  'refused/authorization_missing': {
    en: ['The service sent no credential.', KEY],
    de: ['Der Dienst sandte keine Zugangsdaten.', KEY_DE],
  },
  'refused/authorization_undecodable': {
    en: ['The credential of the service is not valid.', KEY],
    de: ['Die Zugangsdaten des Dienstes sind ungültig.', KEY_DE],
  },
  'refused/authorization_expired': {
    en: ['The credential of the service has expired.', KEY],
    de: ['Die Zugangsdaten des Dienstes sind abgelaufen.', KEY_DE],
  },
  'refused/role_insufficient': {
    en: ['The credential of the service is for something else.', 'Give the service a key of the role validate.'],
    de: [
      'Die Zugangsdaten des Dienstes sind für anderes bestimmt.',
      'Dem Dienst einen Schlüssel der Rolle validate geben.',
    ],
  },
  'refused/right_missing': {
    en: ['Policy does not let the caller open logins for this user.', POLICIES],
    de: ['Eine Richtlinie lässt den Aufrufer keine Anmeldungen für diese Person öffnen.', POLICIES_DE],
  },
  'refused/policy_conflict': {
    en: ['Policies contradict each other.', 'See the conflict in the list of policies and give one of them priority.'],
    de: [
      'Richtlinien widersprechen einander.',
      'Den Widerspruch in der Liste der Richtlinien ansehen und einer Vorrang geben.',
    ],
  },
  'refused/condition_unknown': {
    en: ['A policy asks about something that is not known here.', POLICIES],
    de: ['Eine Richtlinie fragt nach etwas, das hier nicht bekannt ist.', POLICIES_DE],
  },
  'refused/profile_contradicted': {
    en: ['The login would fall short of the profile that policy requires.', 'See the policy that names the profile.'],
    de: [
      'Die Anmeldung bliebe hinter dem Profil zurück, das eine Richtlinie verlangt.',
      'Die Richtlinie ansehen, die das Profil nennt.',
    ],
  },
  'refused/anonymous_enrollment_unconfirmed': {
    en: [
      'Two policies let callers without a key enroll phones, and nobody has confirmed that.',
      'Confirm it in one of the policies, or require a service key.',
    ],
    de: [
      'Zwei Richtlinien lassen Aufrufer ohne Schlüssel Telefone einrichten, und niemand hat das bestätigt.',
      'Es in einer der Richtlinien bestätigen oder einen Dienstschlüssel verlangen.',
    ],
  },
}
