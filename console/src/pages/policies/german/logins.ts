/** The descriptions of actions about logins, enrollment and sessions, in German, by the English ones of their declarations. */
export const LOGINS: Readonly<Record<string, string>> = {
  // enrollment
  'The Firebase configuration that reaches new tokens, or `poll only`.':
    'Die Firebase-Konfiguration, die neue Token erreicht, oder `poll only`.',
  'The URL phones register at, answer to and poll.':
    'Die URL, bei der sich Telefone registrieren, an die sie antworten und bei der sie abfragen.',
  'Minutes a phone has to register.': 'Wie viele Minuten ein Telefon hat, um sich zu registrieren.',
  'Whether the phone checks the certificate while it registers.':
    'Ob das Telefon das Zertifikat prüft, während es sich registriert.',
  'The QR code holds a pia:// instead of an otpauth:// URI.':
    'Der QR-Code enthält eine pia://-Adresse statt einer otpauth://-Adresse.',
  'The app has to be locked for this token.': 'Die App muss für dieses Token gesperrt sein.',
  'How the app has to be unlocked for this token.': 'Wie die App für dieses Token zu entsperren ist.',
  'The label of a new token. Tags: {serial} {user} {realm} {givenname} {surname}.':
    'Die Beschriftung eines neuen Tokens. Platzhalter: {serial} {user} {realm} {givenname} {surname}.',
  'The issuer of a new token. Tags as in tokenlabel.':
    'Der Aussteller eines neuen Tokens. Platzhalter wie bei tokenlabel.',
  'The URL of an image the app shows with the token.': 'Die URL eines Bildes, das die App beim Token zeigt.',
  'Tokens a user may have. Of several policies the largest number counts.':
    'Wie viele Token ein Benutzer haben darf. Von mehreren Richtlinien zählt die größte Zahl.',
  'Tokens of this type a user may have.': 'Wie viele Token dieser Art ein Benutzer haben darf.',
  'Active tokens a user may have. Tokens that wait for their phone count as active.':
    'Wie viele aktive Token ein Benutzer haben darf. Token, die auf ihr Telefon warten, zählen als aktiv.',
  'Active tokens of this type a user may have. Tokens that wait for their phone count as active.':
    'Wie viele aktive Token dieser Art ein Benutzer haben darf. Token, die auf ihr Telefon warten, zählen als aktiv.',
  'Tokens the users of a realm may have together.': 'Wie viele Token die Benutzer eines Realms zusammen haben dürfen.',
  'Token types that are only enrolled with a description. Separated by spaces.':
    'Arten von Token, die nur mit einer Beschreibung ausgerollt werden. Durch Leerzeichen getrennt.',
  'A new token gets a random PIN of this many digits. It is shown once, with the QR code.':
    'Ein neues Token bekommt eine zufällige PIN mit so vielen Ziffern. Sie wird einmal gezeigt, mit dem QR-Code.',
  'Without effect: Nod always stores PINs hashed, salted and encrypted.':
    'Ohne Wirkung: Nod speichert PINs immer als Hash mit Salz, und verschlüsselt.',
  'Whether users are told on their phones that another phone was enrolled, enrolled again, enabled or assigned for them, or a bypass code issued or used. "Not me" undoes it.':
    'Ob Benutzer auf ihren Telefonen erfahren, dass ein weiteres Telefon für sie ausgerollt, neu ausgerollt, freigegeben oder zugewiesen oder ein Ersatzcode ausgestellt oder benutzt wurde. „Das war ich nicht“ macht es rückgängig.',
  'What such a notice says at its end: whom to call, such as `Helpdesk: +49 30 1234`.':
    'Was ein solcher Hinweis am Ende sagt: wen man anruft, etwa `Helpdesk: +49 30 1234`.',

  // authentication
  'The question on the phone. Tags such as {serial} and {client_ip}.':
    'Die Frage auf dem Telefon. Platzhalter wie {serial} und {client_ip}.',
  'The title above the question. No tags.': 'Der Titel über der Frage. Keine Platzhalter.',
  'Whether the phone checks the certificate while it answers.':
    'Ob das Telefon das Zertifikat prüft, während es antwortet.',
  'What the login page says. A comma is written as backslash comma.':
    'Was die Anmeldeseite sagt. Ein Komma wird mit einem Backslash davor geschrieben.',
  'Seconds /validate/check waits for the phone.': 'Wie viele Sekunden /validate/check auf das Telefon wartet.',
  'Whether phones may poll; `token`: as each token says.':
    'Ob Telefone abfragen dürfen; `token`: wie es beim einzelnen Token steht.',
  'The user taps the option the login page shows. Takes precedence over push_code_to_phone.':
    'Der Benutzer tippt auf dem Telefon an, was die Anmeldeseite zeigt. Hat Vorrang vor push_code_to_phone.',
  'Which options: A to Z, 00 to 99, or push_presence_custom_options.':
    'Was zur Auswahl steht: A bis Z, 00 bis 99 oder push_presence_custom_options.',
  "The deployment's own options, as in 01:02:1A:1B.": 'Die eigene Auswahl der Installation, etwa 01:02:1A:1B.',
  'How many options the phone shows.': 'Wie viele Möglichkeiten das Telefon zeigt.',
  'The user confirms on the phone and types the code it then shows at the login page.':
    'Der Benutzer bestätigt auf dem Telefon und gibt den Code, den es dann zeigt, auf der Anmeldeseite ein.',
  'What the phone says above the code.': 'Was das Telefon über dem Code sagt.',
  'How many digits the code has.': 'Wie viele Ziffern der Code hat.',
  'What is checked before a phone rings: the PIN of the token, the password of the user in the directory (where a verifier is configured, docs/password-check.md), or nothing.':
    'Was geprüft wird, bevor ein Telefon klingelt: die PIN des Tokens, das Kennwort der Person im Verzeichnis (wo ein Prüfer eingerichtet ist, docs/password-check.md) oder nichts.',
  'No login waits for the phone, whatever push_wait says.':
    'Keine Anmeldung wartet auf das Telefon, was immer push_wait sagt.',
  'What the login page says where push_challenge_text is not set.':
    'Was die Anmeldeseite sagt, wo push_challenge_text nicht gesetzt ist.',
  'What stands above the texts of the challenges.': 'Was über den Texten der Aufforderungen steht.',
  'What stands below the texts of the challenges.': 'Was unter den Texten der Aufforderungen steht.',
  'Client modes, the preferred one first.': 'Die Verfahren der Anmeldeseite, das bevorzugte zuerst.',
  'Whether a phone is still rung when it has been rung too often without success. `on`: it is not rung. The login opens all the same, as code to phone where the app can, and its user finds it by opening the app. `shadow`: it is rung, and the timeline says what `on` would have done. `off`: it is rung.':
    'Ob ein Telefon noch klingelt, wenn es zu oft ohne Erfolg geklingelt hat. `on`: Es klingelt nicht. Die Anmeldung wird trotzdem geöffnet, mit Code auf dem Telefon, wo die App das kann, und ihr Benutzer findet sie in der App. `shadow`: Es klingelt, und der Verlauf sagt, was `on` getan hätte. `off`: Es klingelt.',
  'How often one source may ring a phone without success within push_firewall_window.':
    'Wie oft eine Quelle ein Telefon innerhalb von push_firewall_window ohne Erfolg klingeln lassen darf.',
  'The time, in minutes, within which push_firewall_limit rings use up the budget. The first silence is as long; each further silence is twice as long as the one before, up to an hour.':
    'Die Zeit in Minuten, in der so oft wie push_firewall_limit geklingelt werden darf. Die erste Stille dauert ebenso lange, jede weitere doppelt so lange wie die vorige, höchstens eine Stunde.',
  'What follows when a user declines a login as not theirs. `on`: where the login came from is shut out for them; where that is not known, or is their own place, their logins need a code or number; a second within a day suspends logins by PIN and a tap. `block`: the first one suspends them. `off`: nothing follows. Under push_firewall=off nothing follows either.':
    'Was folgt, wenn ein Benutzer eine Anmeldung als fremd ablehnt. `on`: Der Ort, von dem sie kam, ist für diesen Benutzer gesperrt; ist er unbekannt oder der eigene, brauchen seine Anmeldungen einen Code oder eine Zahl; eine zweite am selben Tag stoppt Anmeldungen mit PIN und Antippen. `block`: Schon die erste stoppt sie. `off`: Nichts folgt. Unter push_firewall=off folgt ebenfalls nichts.',
  'Logins have to meet this profile: `nist-63b4` is a code to phone of 6 digits or more, and nothing less.':
    'Anmeldungen müssen diesem Profil genügen: `nist-63b4` verlangt einen Code auf dem Telefon mit mindestens 6 Ziffern, nichts Schwächeres.',
  'A login that succeeds resets the failed attempts of all tokens of its user.':
    'Eine erfolgreiche Anmeldung setzt die Fehlversuche aller Token des Benutzers zurück.',
  'Ringing a phone counts as a failed attempt. A login that succeeds takes it back. The ring that reaches the limit is counted and refused.':
    'Jedes Klingeln zählt als Fehlversuch. Eine erfolgreiche Anmeldung nimmt ihn zurück. Das Klingeln, das die Grenze erreicht, wird gezählt und abgelehnt.',
  'Tokens of these types take part in no login. Separated by spaces.':
    'Token dieser Arten nehmen an keiner Anmeldung teil. Durch Leerzeichen getrennt.',
  'Names of service keys, separated by spaces: of RADIUS servers that retransmit. A request of such a service that comes again within ten seconds, the same to the last parameter and for the same believed address, joins the login that the first opened, and both hear its outcome. Never where a number or a code is shown.':
    'Namen von Dienstschlüsseln, durch Leerzeichen getrennt: von RADIUS-Servern, die Pakete wiederholen. Kommt eine Anfrage eines solchen Dienstes innerhalb von zehn Sekunden noch einmal, mit genau denselben Angaben und für dieselbe geglaubte Adresse, dann gehört sie zur Anmeldung der ersten, und beide erfahren das Ergebnis. Nie, wo eine Zahl oder ein Code gezeigt wird.',
  'Users are looked up in this realm instead of their own.':
    'Benutzer werden in diesem Realm gesucht statt in ihrem eigenen.',
  'A login that fails does not say why.': 'Eine fehlgeschlagene Anmeldung sagt nicht, warum.',
  'Without effect: a login by push is a challenge and its response, whatever is listed here.':
    'Ohne Wirkung: Eine Anmeldung per Push besteht immer aus Aufforderung und Antwort, was immer hier steht.',
  'A known user without any token passes /validate/check, whatever is entered.':
    'Ein bekannter Benutzer ohne Token kommt durch /validate/check, was immer er eingibt.',
  'An unknown user passes /validate/check, whatever is entered.':
    'Ein unbekannter Benutzer kommt durch /validate/check, was immer er eingibt.',
  'A user who would pass without a token is shown a QR code to enroll a phone with, and passes once it is enrolled: PUSH.':
    'Ein Benutzer, der ohne Token durchkäme, bekommt einen QR-Code, um ein Telefon auszurollen, und kommt danach durch: PUSH.',
  'What the login page says beside the QR code.': 'Was die Anmeldeseite neben dem QR-Code sagt.',
  'The user may decline to enroll, and passes all the same.':
    'Der Benutzer darf das Ausrollen ablehnen und kommt trotzdem durch.',

  // authorization
  'Wrong PINs of a user in a span of time, as in 5/1h. After that no PIN is accepted until the oldest of them has left the span.':
    'Wie viele falsche PINs eines Benutzers in einer Zeitspanne, etwa 5/1h. Danach wird keine PIN angenommen, bis die älteste aus der Spanne gefallen ist.',
  'Successful logins of a user in a span of time, as in 3/1h.':
    'Wie viele erfolgreiche Anmeldungen eines Benutzers in einer Zeitspanne, etwa 3/1h.',
  'Whether users may log in at all.': 'Ob Benutzer sich überhaupt anmelden dürfen.',
  '/validate/check and polltransaction need a service key, whatever ANONYMOUS_CHECK says.':
    '/validate/check und polltransaction brauchen einen Dienstschlüssel, was immer ANONYMOUS_CHECK sagt.',
  'The parameter type restricts a login to tokens of that type.':
    'Der Parameter type beschränkt eine Anmeldung auf Token dieser Art.',
  'The answer to a successful login names the user.': 'Die Antwort auf eine erfolgreiche Anmeldung nennt den Benutzer.',
  "The answer to a successful login names the user's realm and resolver.":
    'Die Antwort auf eine erfolgreiche Anmeldung nennt Realm und Resolver des Benutzers.',
  'The answer to a successful login has no detail.': 'Die Antwort auf eine erfolgreiche Anmeldung hat kein `detail`.',
  'Only tokens of these types are rung. Separated by spaces.':
    'Nur Token dieser Arten klingeln. Durch Leerzeichen getrennt.',
  'Only tokens whose serial matches this pattern are rung.':
    'Nur Token klingeln, deren Seriennummer zu diesem Muster passt.',
  'Only tokens whose info matches are rung, as in tokenkind/^software$/.':
    'Nur Token klingeln, deren weitere Angaben passen, etwa tokenkind/^software$/.',
  'A token that was last used longer ago than this is not rung: 30h, 7d, 1y.':
    'Ein Token, das länger als so lange nicht benutzt wurde, klingelt nicht: 30h, 7d, 1y.',
  'The answer to a failed login has no detail. Challenges keep theirs.':
    'Die Antwort auf eine fehlgeschlagene Anmeldung hat kein `detail`. Aufforderungen behalten ihres.',

  // webui, token, hardening
  'Seconds an API token is valid: 3600 by default, 900 where a user signs in.':
    'Wie viele Sekunden ein API-Token gilt: 3600, wenn nichts gesetzt ist, 900 für Benutzer.',
  'Seconds of inactivity after which the console signs out.':
    'Nach wie vielen Sekunden ohne Eingabe die Konsole abmeldet.',
  'How users sign in: `privacyIDEA` by PIN and phone; `code` by PIN and the code that the phone shows, which opens the page /me/; `disable` not at all.':
    'Wie sich Benutzer bei Nod selbst anmelden: `privacyIDEA` mit PIN und Telefon; `code` mit PIN und dem Code, den das Telefon zeigt, was die Seite /me/ öffnet; `disable` gar nicht.',
  'Errors that phones receive do not say what is wrong.': 'Fehler, die Telefone bekommen, sagen nicht, was falsch ist.',
  'Answers to callers who are not signed in do not name the version.':
    'Antworten an Aufrufer, die nicht angemeldet sind, nennen die Version nicht.',
  'Errors of /auth and /validate/* are all 401. FreeRADIUS takes that for a failure, as it takes others.':
    'Fehler von /auth und /validate/* sind alle 401. FreeRADIUS hält das für einen Fehlschlag wie andere auch.',
}
