/** What the API says of the actions of policies, in the language of the page. The API, as privacyIDEA's, says it in English only;
 *  `test/pages/policy-descriptions.test.ts` knows what has no German yet. */
import { language } from '../../../texts.ts'
import { GROUPS } from './groups.ts'
import { LOGINS } from './logins.ts'
import { RIGHTS } from './rights.ts'

const inLanguage =
  (...german: readonly Readonly<Record<string, string>>[]) =>
  (english: string): string =>
    language.value === 'en' ? english : (german.find((texts) => Object.hasOwn(texts, english))?.[english] ?? english)

/** The description of an action. */
export const descriptionOf = inLanguage(LOGINS, RIGHTS)

/** The heading that actions stand under. */
export const groupOf = inLanguage(GROUPS)
