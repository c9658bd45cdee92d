/** The headings of actions in German. */
export const GROUPS: Readonly<Record<string, string>> = {
  PUSH: 'PUSH',
  EDUPUSH: 'EDUPUSH',
  PIN: 'PIN',
  Token: 'Token',
  Tokens: 'Token',
  Limits: 'Grenzen',
  Challenge: 'Aufforderung',
  'Failed attempts': 'Fehlversuche',
  'Repeated requests': 'Wiederholte Anfragen',
  'Users without a token': 'Benutzer ohne Token',
  Answer: 'Antwort',
}
