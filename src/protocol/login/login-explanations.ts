/** Why a login went as it did, in a sentence for whoever helps its user, and what to do. */
import type { Language } from '../../vocabulary.ts'
import type { RefusalExplanation } from './explained-refusals.ts'
import type { LoginExplanation } from '../../vocabulary/login-reports.ts'
import { AGAIN, AGAIN_DE, KEY, KEY_DE, type HelpTexts, REFUSAL_TEXTS } from './refusal-explanations.ts'

/** Why a login went as it did, or was refused. */
export type Explanation = LoginExplanation | RefusalExplanation

/** What happened, and what helps; `advice` is empty where nothing has to be done. */
export interface LoginHelp {
  readonly reason: string
  readonly advice: string
}

/** The sentences of an explanation. */
export function loginHelp(explanation: Explanation, language: Language): LoginHelp {
  const [reason, advice = ''] = TEXTS[explanation][language]
  return { reason, advice }
}

const TEXTS: Readonly<Record<Explanation, Readonly<Record<Language, HelpTexts>>>> = {
  open: { en: ['The login waits for the phone.'], de: ['Die Anmeldung wartet auf das Telefon.'] },
  accepted: { en: ['The user was let in.'], de: ['Die Person wurde eingelassen.'] },
  enrolled: { en: ['A phone was enrolled.'], de: ['Ein Telefon wurde eingerichtet.'] },
  bypass: { en: ['The user was let in by a bypass code.'], de: ['Die Person wurde mit einem Ersatzcode eingelassen.'] },
  tokenless: {
    en: ['The user was let in without a token, by policy.', 'Enroll a phone, if the user should have one.'],
    de: [
      'Die Person wurde nach Richtlinie ohne Token eingelassen.',
      'Ein Telefon einrichten, falls sie eines haben soll.',
    ],
  },
  unfinished: {
    en: [
      'The phone accepted, but the service did not finish the login in time.',
      'Check that the service asks for the result, and how long it waits.',
    ],
    de: [
      'Das Telefon hat zugestimmt, doch der Dienst hat die Anmeldung nicht rechtzeitig abgeschlossen.',
      'Prüfen, ob der Dienst das Ergebnis abfragt und wie lange er wartet.',
    ],
  },
  declined: {
    en: ['The user declined on the phone.', 'Ask the user whether it was a mistake.'],
    de: ['Die Person hat am Telefon abgelehnt.', 'Nachfragen, ob das ein Versehen war.'],
  },
  not_me: {
    en: [
      'The user says that somebody else tried to log in.',
      'Treat the PIN as known to somebody else: set another one, and look where the login came from.',
    ],
    de: [
      'Die Person sagt, jemand anderes wollte sich anmelden.',
      'Die PIN gilt als bekannt: eine andere setzen und nachsehen, woher die Anmeldung kam.',
    ],
  },
  cancelled: {
    en: ['The user stopped their own login on the phone.'],
    de: ['Die Person hat ihre eigene Anmeldung am Telefon abgebrochen.'],
  },
  expired: { en: ['No phone answered in time.', AGAIN], de: ['Kein Telefon hat rechtzeitig geantwortet.', AGAIN_DE] },
  not_rung: {
    en: [
      'The phone did not ring: too many logins had rung it, its rings are paused, or nobody had to enter a PIN at /me/.',
      'Let the user open the app and answer there; end the pause if it is not wanted.',
    ],
    de: [
      'Das Telefon hat nicht geläutet: zu viele Anmeldungen haben es schon geläutet, es ist pausiert, oder an /me/ war keine PIN nötig.',
      'Die Person öffnet die App und antwortet dort; eine ungewollte Pause beenden.',
    ],
  },
  undelivered: {
    en: [
      'The push message could not be delivered.',
      'Let the user open the app, which fetches the login by itself. If that goes on, see the report of phones.',
    ],
    de: [
      'Die Push-Nachricht konnte nicht zugestellt werden.',
      'Die Person öffnet die App, die die Anmeldung selbst abholt. Bleibt es dabei, hilft der Bericht der Telefone.',
    ],
  },
  not_fetched: {
    en: ['The phone did not fetch the login.', 'Let the user open the app; check that the phone is online.'],
    de: [
      'Das Telefon hat die Anmeldung nicht abgeholt.',
      'Die Person öffnet die App; prüfen, ob das Telefon Netz hat.',
    ],
  },
  unanswered: {
    en: ['The phone had the login, but nobody answered in time.', AGAIN],
    de: ['Das Telefon hatte die Anmeldung, doch niemand hat rechtzeitig geantwortet.', AGAIN_DE],
  },
  wrong_number: {
    en: [
      'Another number was tapped than the login showed.',
      'Let the user log in again and tap the number of that login.',
    ],
    de: [
      'Es wurde eine andere Zahl getippt, als die Anmeldung zeigte.',
      'Die Person meldet sich noch einmal an und tippt die Zahl dieser Anmeldung.',
    ],
  },
  'withdrawn/before_opening': {
    en: ['The token changed while the login was being opened.', AGAIN],
    de: ['Das Token wurde geändert, während die Anmeldung begann.', AGAIN_DE],
  },
  'withdrawn/wrong_codes': {
    en: ['Three wrong codes were typed.', 'Let the user log in again and type the code that the phone shows then.'],
    de: [
      'Dreimal wurde ein falscher Code eingegeben.',
      'Die Person meldet sich noch einmal an und gibt den Code ein, den das Telefon dann zeigt.',
    ],
  },
  'withdrawn/service_key_revoked': {
    en: ['The service key that opened the login was revoked.', KEY],
    de: ['Der Dienstschlüssel, der die Anmeldung öffnete, wurde widerrufen.', KEY_DE],
  },
  'withdrawn/token_changed': {
    en: ['The token was changed during the login.', AGAIN],
    de: ['Das Token wurde während der Anmeldung geändert.', AGAIN_DE],
  },
  'withdrawn/too_many_waiting': {
    en: [
      'Too many requests waited at once.',
      'Have the service poll instead of waiting, or raise SHARD_WAITERS or the number of shards.',
    ],
    de: [
      'Zu viele Anfragen haben zugleich gewartet.',
      'Den Dienst abfragen statt warten lassen, oder SHARD_WAITERS oder die Zahl der Shards erhöhen.',
    ],
  },
  'withdrawn/caller_left': {
    en: [
      'The service closed its request before the phone answered.',
      'Give the service a longer timeout than the phone has to answer.',
    ],
    de: [
      'Der Dienst hat seine Anfrage geschlossen, bevor das Telefon geantwortet hat.',
      'Dem Dienst mehr Zeit geben, als das Telefon zum Antworten hat.',
    ],
  },
  'withdrawn/other_token': {
    en: ['The user logged in with a token of the server that users are moved from.', 'Nothing is to be done.'],
    de: ['Der Benutzer hat sich mit einem Token des bisherigen Servers angemeldet.', 'Es ist nichts zu tun.'],
  },
  'withdrawn/not_finalized': {
    en: [
      'The phone accepted, but the login could not be finished.',
      'Look at the refusals of the same time in the audit.',
    ],
    de: [
      'Das Telefon hat zugestimmt, doch die Anmeldung konnte nicht abgeschlossen werden.',
      'Im Audit die Ablehnungen derselben Zeit ansehen.',
    ],
  },
  'withdrawn/unanswered': {
    en: ['The service waited for the phone, and nobody answered in time.', AGAIN],
    de: ['Der Dienst hat auf das Telefon gewartet, doch niemand hat rechtzeitig geantwortet.', AGAIN_DE],
  },
  'withdrawn/delivery_failed': {
    en: [
      'The push message could not be delivered, and policy makes that an error.',
      'See the report of phones and the deliveries of the Firebase configuration.',
    ],
    de: [
      'Die Push-Nachricht konnte nicht zugestellt werden, und eine Richtlinie macht das zum Fehler.',
      'Den Bericht der Telefone und die Zustellungen der Firebase-Konfiguration ansehen.',
    ],
  },
  'withdrawn/opening_unconfirmed': {
    en: ['It was uncertain whether the login had been stored.', AGAIN],
    de: ['Es war ungewiss, ob die Anmeldung gespeichert war.', AGAIN_DE],
  },
  'withdrawn/token_not_stored': {
    en: ['The token of the enrollment could not be stored.', AGAIN],
    de: ['Das Token der Einrichtung konnte nicht gespeichert werden.', AGAIN_DE],
  },
  'withdrawn/code_replaced': {
    en: ['A later login shows the QR code.', 'Let the user scan the newest QR code.'],
    de: ['Eine spätere Anmeldung zeigt den QR-Code.', 'Die Person scannt den neuesten QR-Code.'],
  },
  'withdrawn/superseded': {
    en: ['Newer logins of the same source took its place.', 'Let the user answer the newest login.'],
    de: ['Neuere Anmeldungen derselben Quelle haben sie ersetzt.', 'Die Person beantwortet die neueste Anmeldung.'],
  },
  'withdrawn/reported': {
    en: ['The user reported a login like this one.', 'Set another PIN, and look where the logins came from.'],
    de: [
      'Die Person hat eine solche Anmeldung gemeldet.',
      'Eine andere PIN setzen und nachsehen, woher die Anmeldungen kamen.',
    ],
  },
  'withdrawn/administrator': {
    en: ['An administrator withdrew the login.', AGAIN],
    de: ['Jemand aus der Verwaltung hat die Anmeldung zurückgezogen.', AGAIN_DE],
  },
  ...REFUSAL_TEXTS,
}

/** Every explanation that there is. */
export const EXPLANATIONS = Object.keys(TEXTS) as readonly Explanation[]

/** The explanation of a refusal; `refused` for one without words of its own. */
export const refusalExplanation = (reason: string): Explanation => {
  const name = `refused/${reason}`
  return isExplanation(name) ? name : 'refused'
}

const isExplanation = (name: string): name is Explanation => Object.hasOwn(TEXTS, name)
