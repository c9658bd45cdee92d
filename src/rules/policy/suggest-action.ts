/** What an action is called that Nod has under another name or in another scope. */
import { nearest, suggestion } from '../../nearest.ts'
import { ACTIONS } from './actions/all.ts'

/** Actions by what they are called elsewhere: in other products, in the documentation of privacyIDEA, or in short. Without
 *  `push_` or `edupush_`, punctuation and capitals. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  numbermatching: 'require_presence',
  numbermatch: 'require_presence',
  numberchallenge: 'require_presence',
  // Microsoft Entra
  numbermatchingrequiredstate: 'require_presence',
  // Duo
  verifiedpush: 'require_presence',
  presence: 'require_presence',
  presenceanswer: 'require_presence',
  presencenumber: 'presence_num_options',
  numbers: 'presence_num_options',
  displaycode: 'code_to_phone',
  code: 'code_to_phone',
  text: 'text_on_mobile',
  question: 'text_on_mobile',
  message: 'text_on_mobile',
  title: 'title_on_mobile',
  timeout: 'wait',
  waittime: 'wait',
  polling: 'allow_polling',
  pollonly: 'firebase_configuration',
  firebase: 'firebase_configuration',
  fcm: 'firebase_configuration',
  gateway: 'firebase_configuration',
  url: 'registration_url',
}

/** A sentence with a blank in front that names the action that is meant; empty if none comes close. */
export function actionSuggestion(scope: string, name: string): string {
  const other = otherName(name) ?? name
  const inScope = Object.keys(ACTIONS[scope] ?? {})
  if (other !== name && inScope.includes(other)) return suggestion(other)
  const scopes = Object.keys(ACTIONS).filter((one) => one !== scope && Object.hasOwn(ACTIONS[one] ?? {}, other))
  if (scopes.length > 0) {
    const of = `of the scope ${scopes.join(' or ')}`
    return other === name ? ` It is an action ${of}.` : ` Did you mean '${other}', ${of}?`
  }
  return suggestion(nearest(name, inScope))
}

function otherName(name: string): string | undefined {
  const [, app = 'push_', rest = ''] = /^((?:edu)?push_)?(.*)$/.exec(name.toLowerCase()) ?? []
  const key = rest.replaceAll(/[^a-z0-9]/g, '')
  return Object.hasOwn(OTHER_NAMES, key) ? `${app}${OTHER_NAMES[key]}` : undefined
}
