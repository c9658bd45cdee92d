import type { Language } from '../../vocabulary.ts'

/** What the doctor says of a check that the deep health check makes as well: `<check>_ok` and `<check>_attention`. */
export const HEALTH_TEXTS = {
  catalogue_ok: {
    en: 'The database has every change that Nod has made.',
    de: 'Die Datenbank enthält jede Änderung, die Nod gemacht hat.',
  },
  catalogue_attention: {
    en: 'The database was put back to an earlier state, and nobody has dealt with what that has undone.',
    de: 'Die Datenbank wurde auf einen früheren Stand gesetzt; niemand hat sich um das gekümmert, was damit verloren ist.',
  },
  objects_ok: { en: 'The objects answer.', de: 'Die Objekte antworten.' },
  objects_attention: { en: 'An object does not answer.', de: 'Ein Objekt antwortet nicht.' },
  archive_ok: {
    en: 'The archive of the audit answers, where there is one.',
    de: 'Das Archiv des Audits antwortet, soweit es eines gibt.',
  },
  archive_attention: { en: 'The archive of the audit does not answer.', de: 'Das Archiv des Audits antwortet nicht.' },
  policy_conflicts_ok: {
    en: 'No two policies contradict each other.',
    de: 'Keine zwei Richtlinien widersprechen einander.',
  },
  policy_conflicts_attention: {
    en: 'Policies contradict each other: requests that both apply to are refused.',
    de: 'Richtlinien widersprechen einander: Anfragen, für die beide gelten, werden abgewiesen.',
  },
  settings_ok: { en: 'Every shard knows the newest settings.', de: 'Jeder Shard kennt die neuesten Einstellungen.' },
  settings_attention: {
    en: 'Not every shard knows the last change; each is told again every ten seconds.',
    de: 'Nicht jeder Shard kennt die letzte Änderung; alle zehn Sekunden wird sie ihm neu gesagt.',
  },
  keys_ok: { en: 'The master key is in order.', de: 'Der Hauptschlüssel ist in Ordnung.' },
  keys_attention: {
    en: 'A rotation of the master key is not finished.',
    de: 'Ein Wechsel des Hauptschlüssels ist nicht abgeschlossen.',
  },
  audit_ok: {
    en: 'Old records of the audit are dealt with as configured.',
    de: 'Mit alten Einträgen des Audits wird verfahren wie eingestellt.',
  },
  audit_attention: {
    en: 'Old records of the audit are neither archived nor deleted.',
    de: 'Alte Einträge des Audits werden weder archiviert noch gelöscht.',
  },
  policies_ok: {
    en: 'No combination of policies lets somebody in by mistake.',
    de: 'Keine Verbindung von Richtlinien lässt versehentlich jemanden ein.',
  },
  policies_attention: {
    en: 'Some policies together would let somebody in by mistake; such logins are refused.',
    de: 'Einige Richtlinien ließen zusammen versehentlich jemanden ein; solche Anmeldungen werden abgewiesen.',
  },
  rate_limits_ok: {
    en: 'Refused requests are limited as configured.',
    de: 'Abgewiesene Anfragen sind begrenzt wie eingestellt.',
  },
  rate_limits_attention: {
    en: 'Refused requests are not limited, because bindings are missing.',
    de: 'Abgewiesene Anfragen sind nicht begrenzt, weil Bindungen fehlen.',
  },
  webhooks_ok: {
    en: 'The receivers of webhooks get their events.',
    de: 'Die Empfänger der Webhooks bekommen ihre Ereignisse.',
  },
  webhooks_attention: {
    en: 'A receiver of a webhook fails, or events were lost.',
    de: 'Ein Empfänger eines Webhooks schlägt fehl, oder Ereignisse gingen verloren.',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>
