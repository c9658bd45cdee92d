import type { IconName } from './parts/icons.tsx'
import { texts } from './texts.ts'

export const t = texts({
  en: {
    groups: { work: 'Every day', rules: 'Rules and access', records: 'Records and health' },
    pages: {
      '/start': 'First steps',
      '/': 'Overview',
      '/logins': 'Logins',
      '/tokens': 'Tokens',
      '/enroll': 'Enroll',
      '/invitations': 'Invitations',
      '/users': 'Users',
      '/policies': 'Policies',
      '/keys': 'Service keys',
      '/administrators': 'Administrators',
      '/settings': 'Settings',
      '/report': 'Monthly report',
      '/audit': 'Audit',
      '/doctor': 'Doctor',
    },
  },
  de: {
    groups: { work: 'Täglich', rules: 'Regeln und Zugang', records: 'Nachweise und Zustand' },
    pages: {
      '/start': 'Erste Schritte',
      '/': 'Übersicht',
      '/logins': 'Anmeldungen',
      '/tokens': 'Token',
      '/enroll': 'Ausrollen',
      '/invitations': 'Einladungen',
      '/users': 'Benutzer',
      '/policies': 'Richtlinien',
      '/keys': 'Dienstschlüssel',
      '/administrators': 'Administratoren',
      '/settings': 'Einstellungen',
      '/report': 'Monatsbericht',
      '/audit': 'Audit',
      '/doctor': 'Diagnose',
    },
  },
})

type Path = keyof ReturnType<typeof t>['pages']
type Group = keyof ReturnType<typeof t>['groups']

interface Entry {
  readonly path: Path
  readonly icon: IconName
  /** Shown to administrators only, and not to the helpdesk. */
  readonly isForAdmins?: boolean
}

/** The pages in the order of the menu. */
export const MENU: readonly (readonly [Group, readonly Entry[]])[] = [
  [
    'work',
    [
      { path: '/', icon: 'overview' },
      { path: '/logins', icon: 'logins' },
      { path: '/tokens', icon: 'tokens' },
      { path: '/enroll', icon: 'enroll' },
      { path: '/invitations', icon: 'invitations' },
      { path: '/users', icon: 'users' },
    ],
  ],
  [
    'rules',
    [
      { path: '/policies', icon: 'policies', isForAdmins: true },
      { path: '/keys', icon: 'keys', isForAdmins: true },
      { path: '/administrators', icon: 'administrators', isForAdmins: true },
      { path: '/settings', icon: 'settings', isForAdmins: true },
    ],
  ],
  [
    'records',
    [
      { path: '/report', icon: 'report' },
      { path: '/audit', icon: 'audit' },
      { path: '/doctor', icon: 'doctor', isForAdmins: true },
      { path: '/start', icon: 'start', isForAdmins: true },
    ],
  ],
]
