import { texts } from '../../texts.ts'

export const t = texts({
  en: {
    title: 'Tokens',
    lead: 'A token is what Nod knows of one user’s phone.',
    enroll: 'Enroll a phone',
    search: 'Search',
    searchHint: 'The beginning of a login name, serial or description',
    realm: 'Realm',
    allRealms: 'All realms',
    status: 'State',
    allStates: 'All states',
    count: (count: string, isExact: boolean) => (isExact ? `${count} found` : `More than ${count} found`),
    empty: 'No token is found. Type less of the name, or choose all realms and states.',
    columns: { owner: 'User', serial: 'Serial', status: 'State', app: 'App', used: 'Last used', choose: 'Choose' },
    usedNote: '“Last used” may be up to a week old here. The page of a token asks its phone.',
    nobody: 'nobody',
    never: 'never',
    choose: (serial: string) => `Choose ${serial}`,
    chosen: (count: number) => `${count} chosen`,
    clear: 'Choose none',
    chooseAll: (count: number) => (count === 1 ? 'Choose it' : `Choose all ${count} shown`),
    states: {
      ready: 'Ready',
      waiting: 'Waits for its phone',
      disabled: 'Disabled',
      locked: 'Locked',
      unreachable: 'Not reached',
      revoked: 'Revoked',
    },
    meanings: {
      ready: 'Its user can log in with it.',
      waiting: 'Its QR code has not been scanned yet.',
      disabled: 'An administrator has disabled it. Nobody logs in with it until it is enabled.',
      locked: 'Too many wrong PINs in a row. Resetting the counter lets its user log in again.',
      unreachable: 'Push messages do not reach the phone. Logins still open, and the app finds them when it is opened.',
      revoked: 'It is revoked for good. It can only be deleted.',
    },
    apps: { push: 'privacyIDEA Authenticator', edupush: 'eduMFA Authenticator' },
  },
  de: {
    title: 'Token',
    lead: 'Ein Token ist, was Nod über das Telefon eines Benutzers weiß.',
    enroll: 'Telefon ausrollen',
    search: 'Suche',
    searchHint: 'Anfang von Anmeldename, Seriennummer oder Beschreibung',
    realm: 'Realm',
    allRealms: 'Alle Realms',
    status: 'Zustand',
    allStates: 'Alle Zustände',
    count: (count: string, isExact: boolean) => (isExact ? `${count} gefunden` : `Mehr als ${count} gefunden`),
    empty: 'Kein Token gefunden. Geben Sie weniger vom Namen ein, oder wählen Sie alle Realms und Zustände.',
    columns: {
      owner: 'Benutzer',
      serial: 'Seriennummer',
      status: 'Zustand',
      app: 'App',
      used: 'Zuletzt benutzt',
      choose: 'Auswahl',
    },
    usedNote: '„Zuletzt benutzt“ kann hier bis zu eine Woche alt sein. Die Seite eines Tokens fragt sein Telefon.',
    nobody: 'niemand',
    never: 'nie',
    choose: (serial: string) => `${serial} auswählen`,
    chosen: (count: number) => `${count} ausgewählt`,
    clear: 'Nichts auswählen',
    chooseAll: (count: number) => (count === 1 ? 'Auswählen' : `Alle ${count} gezeigten auswählen`),
    states: {
      ready: 'Bereit',
      waiting: 'Wartet auf sein Telefon',
      disabled: 'Deaktiviert',
      locked: 'Gesperrt',
      unreachable: 'Nicht erreicht',
      revoked: 'Widerrufen',
    },
    meanings: {
      ready: 'Sein Benutzer kann sich damit anmelden.',
      waiting: 'Sein QR-Code wurde noch nicht gescannt.',
      disabled: 'Ein Administrator hat es deaktiviert. Niemand meldet sich damit an, bis es aktiviert wird.',
      locked: 'Zu viele falsche PINs in Folge. Wird der Zähler zurückgesetzt, kann sich der Benutzer wieder anmelden.',
      unreachable:
        'Push-Nachrichten erreichen das Telefon nicht. Anmeldungen öffnen trotzdem, und die App findet sie beim Öffnen.',
      revoked: 'Es ist endgültig widerrufen und kann nur noch gelöscht werden.',
    },
    apps: { push: 'privacyIDEA Authenticator', edupush: 'eduMFA Authenticator' },
  },
})

export const actionTexts = texts({
  en: {
    done: (name: string, count: number) => (count === 1 ? `${name}: done.` : `${name}: ${count} tokens.`),
    some: (name: string, changed: number, all: number) =>
      `${name}: ${changed} of ${all} tokens. The others were so already, or are revoked or deleted.`,
    partly: (done: number, all: number) => `${done} of ${all} are done.`,
    stopped: (name: string, changed: number, all: number) => `${name}: stopped after ${changed} of ${all} tokens.`,
    enable: {
      name: 'Enable',
      title: (what: string) => `Enable ${what}`,
      text: 'Its user can log in with it again at once.',
      textOfSeveral: 'Their users can log in with them again at once.',
    },
    disable: {
      name: 'Disable',
      title: (what: string) => `Disable ${what}`,
      text: 'Nobody logs in with it until it is enabled again. Logins that ring it now end.',
      textOfSeveral: 'Nobody logs in with them until they are enabled again. Logins that ring them now end.',
    },
    reset: {
      name: 'Reset the counter',
      title: (what: string) => `Reset the counter of ${what}`,
      text: 'Wrong PINs so far are forgotten, and a suspension after “not me” is lifted. Talk to the user first: somebody may be guessing.',
      textOfSeveral:
        'Wrong PINs so far are forgotten, and suspensions after “not me” are lifted. Talk to the users first: somebody may be guessing.',
    },
    remove: {
      name: 'Delete',
      title: (what: string) => `Delete ${what}`,
      text: 'Nobody can log in with this phone any more, and logins that ring it end. This cannot be undone: the phone has to be enrolled again.',
      textOfSeveral:
        'Nobody can log in with these phones any more, and logins that ring them end. This cannot be undone: the phones have to be enrolled again.',
    },
    revoke: {
      name: 'Revoke',
      title: (what: string) => `Revoke ${what}`,
      text: 'Nobody ever logs in with it again. It stays in the list so that one sees what has happened, and this cannot be undone.',
      textOfSeveral:
        'Nobody ever logs in with them again. They stay in the list so that one sees what has happened, and this cannot be undone.',
    },
    several: (count: number) => `${count} tokens`,
  },
  de: {
    done: (name: string, count: number) => (count === 1 ? `${name}: erledigt.` : `${name}: ${count} Token.`),
    some: (name: string, changed: number, all: number) =>
      `${name}: ${changed} von ${all} Token. Die anderen waren es schon oder sind widerrufen oder gelöscht.`,
    partly: (done: number, all: number) => `${done} von ${all} sind erledigt.`,
    stopped: (name: string, changed: number, all: number) => `${name}: nach ${changed} von ${all} Token angehalten.`,
    enable: {
      name: 'Aktivieren',
      title: (what: string) => `${what} aktivieren`,
      text: 'Der Benutzer kann sich sofort wieder damit anmelden.',
      textOfSeveral: 'Die Benutzer können sich sofort wieder damit anmelden.',
    },
    disable: {
      name: 'Deaktivieren',
      title: (what: string) => `${what} deaktivieren`,
      text: 'Niemand meldet sich damit an, bis es wieder aktiviert wird. Anmeldungen, die jetzt darauf klingeln, enden.',
      textOfSeveral:
        'Niemand meldet sich damit an, bis sie wieder aktiviert werden. Anmeldungen, die jetzt darauf klingeln, enden.',
    },
    reset: {
      name: 'Zähler zurücksetzen',
      title: (what: string) => `Zähler von ${what} zurücksetzen`,
      text: 'Bisherige falsche PINs sind vergessen, und eine Sperre nach „Nicht ich“ wird aufgehoben. Sprechen Sie vorher mit dem Benutzer: Vielleicht rät jemand.',
      textOfSeveral:
        'Bisherige falsche PINs sind vergessen, und Sperren nach „Nicht ich“ werden aufgehoben. Sprechen Sie vorher mit den Benutzern: Vielleicht rät jemand.',
    },
    remove: {
      name: 'Löschen',
      title: (what: string) => `${what} löschen`,
      text: 'Niemand meldet sich mehr mit diesem Telefon an, und Anmeldungen, die darauf klingeln, enden. Das lässt sich nicht rückgängig machen: Das Telefon muss neu ausgerollt werden.',
      textOfSeveral:
        'Niemand meldet sich mehr mit diesen Telefonen an, und Anmeldungen, die darauf klingeln, enden. Das lässt sich nicht rückgängig machen: Die Telefone müssen neu ausgerollt werden.',
    },
    revoke: {
      name: 'Widerrufen',
      title: (what: string) => `${what} widerrufen`,
      text: 'Niemand meldet sich je wieder damit an. Es bleibt in der Liste, damit man sieht, was geschehen ist; das lässt sich nicht rückgängig machen.',
      textOfSeveral:
        'Niemand meldet sich je wieder damit an. Sie bleiben in der Liste, damit man sieht, was geschehen ist; das lässt sich nicht rückgängig machen.',
    },
    several: (count: number) => `${count} Token`,
  },
})
