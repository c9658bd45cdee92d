/** What the doctor says, in plain words. `{name}` stands for a value. */
import type { Language } from '../../vocabulary.ts'
import { HEALTH_TEXTS } from './health-texts.ts'

type Texts = Readonly<Record<Language, string>>

const TEXTS = {
  ...HEALTH_TEXTS,
  migrations_ok: { en: 'The database has every migration.', de: 'Die Datenbank hat alle Migrationen.' },
  migrations_missing: {
    en: 'The database is older than this version of Nod.',
    de: 'Die Datenbank ist älter als diese Version von Nod.',
  },
  database_ok: {
    en: 'D1 answers in {primary} ms, its nearest copy in {nearest} ms.',
    de: 'D1 antwortet in {primary} ms, die nächste Kopie in {nearest} ms.',
  },
  database_slow: {
    en: 'D1 takes {primary} ms, its nearest copy {nearest} ms: logins wait for the copy, changes for D1.',
    de: 'D1 braucht {primary} ms, die nächste Kopie {nearest} ms: Anmeldungen warten auf die Kopie, Änderungen auf D1.',
  },
  database_unavailable: { en: 'D1 does not answer.', de: 'D1 antwortet nicht.' },
  database_unwritable: {
    en: 'D1 answers, and takes no writes: nothing can be changed, and the audit waits in the shards.',
    de: 'D1 antwortet, nimmt aber nichts an: Nichts lässt sich ändern, und das Audit wartet in den Shards.',
  },
  clock_ok: {
    en: 'The clock agrees with the others to {seconds} s.',
    de: 'Die Uhr stimmt mit den anderen auf {seconds} s überein.',
  },
  clock_wrong: {
    en: 'The clock is {seconds} s off: phones and Google refuse what is signed at a wrong time.',
    de: 'Die Uhr geht um {seconds} s falsch: Telefone und Google weisen zurück, was zur falschen Zeit unterschrieben ist.',
  },
  clock_unknown: {
    en: 'There is no other clock to compare this one with.',
    de: 'Es gibt keine andere Uhr, mit der sich diese vergleichen ließe.',
  },
  firebase_none: {
    en: 'There is no Firebase configuration: phones find their logins by polling only.',
    de: 'Es gibt keine Firebase-Konfiguration: Telefone finden ihre Anmeldungen nur durch Nachfragen.',
  },
  firebase_ready: {
    en: 'Google takes messages for project {project}.',
    de: 'Google nimmt Nachrichten für das Projekt {project} an.',
  },
  firebase_credentials: {
    en: 'Google refuses the service account of {name}, or it may not send for project {project}, or the Cloud Messaging API is off there.',
    de: 'Google weist das Dienstkonto von {name} zurück, oder es darf für das Projekt {project} nicht senden, oder dort ist die Cloud-Messaging-API ausgeschaltet.',
  },
  firebase_project: {
    en: 'Google knows no project {project}.',
    de: 'Google kennt kein Projekt {project}.',
  },
  firebase_other_project: {
    en: 'The phones of {name} were built for another Firebase project than {project}.',
    de: 'Die Telefone von {name} gehören zu einem anderen Firebase-Projekt als {project}.',
  },
  firebase_unreachable: {
    en: 'Google does not answer, or not as it should: phones find their logins by polling meanwhile.',
    de: 'Google antwortet nicht, oder nicht wie erwartet: Telefone finden ihre Anmeldungen solange durch Nachfragen.',
  },
  signing_ok: {
    en: 'Signing keys in use or kept: {count}. New tokens get {current}.',
    de: 'Signaturschlüssel in Gebrauch oder aufbewahrt: {count}. Neue Token bekommen {current}.',
  },
  signing_unreadable: {
    en: 'The current signing key cannot be opened, so no login of a new token can be signed.',
    de: 'Der aktuelle Signaturschlüssel lässt sich nicht öffnen; keine Anmeldung neuer Token lässt sich unterschreiben.',
  },
  signing_none: {
    en: 'No signing key is made yet: the first enrollment makes one.',
    de: 'Es gibt noch keinen Signaturschlüssel: Das erste Ausrollen macht einen.',
  },
  api_token_key_ok: {
    en: 'Age of the key that signs API tokens: {days} days. Earlier ones that are still valid: {previous}.',
    de: 'Alter des Schlüssels für API-Token: {days} Tage. Frühere, die noch gelten: {previous}.',
  },
  api_token_key_none: {
    en: 'No key for API tokens is made yet: the first sign-in makes one.',
    de: 'Es gibt noch keinen Schlüssel für API-Token: Die erste Anmeldung macht einen.',
  },
  anonymous_denied: {
    en: 'Only services with a key check logins.',
    de: 'Nur Dienste mit Schlüssel prüfen Anmeldungen.',
  },
  anonymous_local: {
    en: 'Anybody may check logins; this Nod serves this machine only.',
    de: 'Jeder darf Anmeldungen prüfen; dieses Nod dient nur diesem Rechner.',
  },
  anonymous_allowed: {
    en: 'Anybody who reaches Nod may check PINs and ring phones, without a service key.',
    de: 'Wer Nod erreicht, darf ohne Dienstschlüssel PINs prüfen und Telefone klingeln lassen.',
  },
  public_url_ok: { en: 'Phones reach Nod at {url}.', de: 'Telefone erreichen Nod unter {url}.' },
  public_url_other: {
    en: 'You reach Nod at {origin}, phones at {url}. That is right only if both lead here.',
    de: 'Sie erreichen Nod unter {origin}, Telefone unter {url}. Das stimmt nur, wenn beide hierher führen.',
  },
  public_url_missing: {
    en: 'Nod does not know the address at which phones reach it, so nobody can enroll.',
    de: 'Nod kennt die Adresse nicht, unter der Telefone es erreichen; niemand kann ausrollen.',
  },
  head_ok: {
    en: 'Chains of the audit: {chains}. Their heads can be signed.',
    de: 'Ketten des Audits: {chains}. Ihre Köpfe lassen sich unterschreiben.',
  },
  head_unsigned: {
    en: 'The heads of the audit cannot be signed, so nobody could prove later that it is whole.',
    de: 'Die Köpfe des Audits lassen sich nicht unterschreiben; später könnte niemand beweisen, dass es vollständig ist.',
  },
  rounds_ok: { en: 'The housekeeping was done at {at}.', de: 'Die Hausarbeit wurde um {at} erledigt.' },
  rounds_new: {
    en: 'The housekeeping has not been done yet; it begins within an hour.',
    de: 'Die Hausarbeit wurde noch nicht erledigt; sie beginnt innerhalb einer Stunde.',
  },
  rounds_failed: {
    en: 'A part of the housekeeping failed at {at}: {round}. It is tried again each hour.',
    de: 'Ein Teil der Hausarbeit schlug um {at} fehl: {round}. Er wird jede Stunde neu versucht.',
  },
  rounds_late: {
    en: 'The housekeeping is late: it was last done at {at}.',
    de: 'Die Hausarbeit ist überfällig: Zuletzt wurde sie um {at} erledigt.',
  },
  upstream_ok: {
    en: 'The server that users are moved from answers at {url}: {version}.',
    de: 'Der bisherige Server antwortet unter {url}: {version}.',
  },
  upstream_unreachable: {
    en: 'The server that users are moved from does not answer at {url}: those whom it serves cannot log in.',
    de: 'Der bisherige Server antwortet nicht unter {url}: Wer noch bei ihm ist, kann sich nicht anmelden.',
  },
  upstream_other: {
    en: 'What answers at {url} is neither privacyIDEA nor eduMFA.',
    de: 'Was unter {url} antwortet, ist weder privacyIDEA noch eduMFA.',
  },
  upstream_no_account: {
    en: '{version} answers at {url}, but Nod has no account there, to trigger challenges and list tokens.',
    de: '{version} antwortet unter {url}, aber Nod hat dort kein Konto, um Challenges auszulösen und Token aufzulisten.',
  },
  upstream_account_refused: {
    en: '{version} at {url} refuses Nod’s account.',
    de: '{version} unter {url} weist Nods Konto ab.',
  },
  password_check_ok: {
    en: 'The verifier of passwords answers at {url}.',
    de: 'Der Prüfer der Kennwörter antwortet unter {url}.',
  },
  password_check_failed: {
    en: 'The verifier of passwords at {url} gives no answer that counts: whose PIN is a password cannot log in.',
    de: 'Der Prüfer der Kennwörter unter {url} gibt keine gültige Antwort: Wessen PIN ein Kennwort ist, kann sich nicht anmelden.',
  },
  errors_none: {
    en: 'No instance has reported an error within 24 hours.',
    de: 'Keine Instanz hat innerhalb von 24 Stunden einen Fehler gemeldet.',
  },
  errors_some: {
    en: 'All instances together have reported {count} errors within 24 hours; the log has each of them.',
    de: 'Alle Instanzen zusammen haben innerhalb von 24 Stunden {count} Fehler gemeldet; das Protokoll hat jeden einzelnen.',
  },
  errors_here: {
    en: 'This instance alone has met {count} errors since it started; of others nothing is known.',
    de: 'Allein diese Instanz hat seit ihrem Start {count} Fehler bemerkt; von anderen ist nichts bekannt.',
  },
  administrators_ok: {
    en: 'Every administrator signs in with a phone.',
    de: 'Alle Administratoren melden sich mit einem Telefon an.',
  },
  administrators_weak: {
    en: '{count} of {all} administrators sign in by password alone: {names}.',
    de: '{count} von {all} Administratoren melden sich nur mit dem Passwort an: {names}.',
  },
  break_glass_ok: {
    en: 'If every phone is lost, the secret for emergencies lets an administrator in.',
    de: 'Sind alle Telefone verloren, lässt das Notfallgeheimnis einen Administrator hinein.',
  },
  break_glass_missing: {
    en: 'There is no secret for emergencies: an administrator who loses the phone needs another administrator.',
    de: 'Es gibt kein Notfallgeheimnis: Wer als Administrator das Telefon verliert, braucht einen anderen Administrator.',
  },
  service_keys_ok: {
    en: 'No service key expires within two weeks.',
    de: 'Kein Dienstschlüssel läuft in den nächsten zwei Wochen ab.',
  },
  service_keys_none: {
    en: 'There is no service key yet: services need one.',
    de: 'Es gibt noch keinen Dienstschlüssel: Dienste brauchen einen.',
  },
  service_keys_expiring: {
    en: 'Service keys that expire within two weeks: {names}.',
    de: 'Dienstschlüssel, die in den nächsten zwei Wochen ablaufen: {names}.',
  },
  service_keys_expired: { en: 'Service keys that have expired: {names}.', de: 'Abgelaufene Dienstschlüssel: {names}.' },
  unchecked: {
    en: 'This could not be checked: it took too long, or failed.',
    de: 'Das ließ sich nicht prüfen: Es dauerte zu lange oder schlug fehl.',
  },
} as const satisfies Readonly<Record<string, Texts>>

export type FindingText = keyof typeof TEXTS

/** The sentence, with its values. A value that is missing stands as its name. */
export const findingText = (
  text: FindingText,
  values: Readonly<Record<string, string | number>>,
  language: Language,
): string => TEXTS[text][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? name))
