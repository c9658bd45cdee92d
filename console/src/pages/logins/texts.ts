import { texts } from '../../texts.ts'

export const t = texts({
  en: { timeline: 'Steps of the login' },
  de: { timeline: 'Schritte der Anmeldung' },
})
