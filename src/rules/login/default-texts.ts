/** The texts of a login and of the phone that no policy sets, in each language. A policy's text is in the language it was
 *  written in. The title on the phone is the app's brand in every language. */
import type { Language } from '../../vocabulary.ts'

interface DefaultTexts {
  // --- at the login ---

  readonly confirm: string
  /** Code to phone. */
  readonly enterCode: string
  /** Number matching: ends the text, unless the text says where the option stands. */
  readonly press: (option: string) => string
  /** Ends the text where the phone has to be opened by hand. */
  readonly openApp: (app: string) => string
  /** Beside the code that enrolls a phone. */
  readonly scanCode: string

  // --- on the phone ---

  readonly question: string
  /** Before the question, once the user has declined a login as not theirs. */
  readonly pinKnown: string
  /** Before the question, if the app cannot show the code that the login asks for. */
  readonly appTooOld: string
  /** Ends the question of a prompt that looks like another one. Absent parts are left out. */
  readonly distinction: (from: {
    readonly service?: string
    readonly address?: string
    readonly time: string
  }) => string
  /** Above the code that is to be typed at the login. */
  readonly codeMessage: string
}

const inParentheses = (...parts: readonly (string | undefined)[]): string =>
  `(${parts.filter((part) => part !== undefined && part !== '').join(', ')})`

/** Source: the English ones, and the German `confirm` and `question`, are privacyIDEA's (golden 21-texts). */
export const DEFAULT_TEXTS: Readonly<Record<Language, DefaultTexts>> = {
  en: {
    confirm: 'Please confirm the authentication on your mobile device!',
    enterCode: 'Please enter the code displayed on your smartphone.',
    press: (option) => ` Please press: ${option}`,
    openApp: (app) => ` Use the polling feature of your ${app} to check for a new Login request.`,
    scanCode: 'Please scan the QR code!',
    question: 'Do you want to confirm the login?',
    pinKnown: 'Somebody else may know your PIN: change it.',
    appTooOld: 'This app shows no code. You need version 4.7 or later.',
    distinction: ({ service, address, time }) =>
      inParentheses(service && `service ${service}`, address && `from ${address}`, `at ${time}`),
    codeMessage: 'Enter the code to log in',
  },
  de: {
    confirm: 'Bitte bestätigen Sie die Anmeldung auf Ihrem Mobilgerät!',
    enterCode: 'Bitte geben Sie den Code ein, den Ihr Smartphone anzeigt.',
    press: (option) => ` Bitte tippen Sie auf: ${option}`,
    openApp: (app) => ` Öffnen Sie die ${app} und rufen Sie dort neue Anmeldeanfragen ab.`,
    scanCode: 'Bitte scannen Sie den QR-Code!',
    question: 'Wollen Sie die Anmeldung bestätigen?',
    pinKnown: 'Jemand kennt vielleicht Ihre PIN: Ändern Sie sie.',
    appTooOld: 'Diese App zeigt keinen Code. Sie brauchen Version 4.7 oder neuer.',
    distinction: ({ service, address, time }) =>
      inParentheses(service && `Dienst ${service}`, address && `von ${address}`, `um ${time}`),
    codeMessage: 'Geben Sie diesen Code bei der Anmeldung ein',
  },
}
