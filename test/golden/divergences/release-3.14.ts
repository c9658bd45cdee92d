/** Differences that are new with the recordings of the released privacyIDEA 3.14; the older ones are of its development
 *  version. First what the release changed and Nod does not do yet, then the recordings that are new. */
import { ABSENT, type Application, type Divergence, ANY_INTEGER, Containing } from '../replay/divergence.ts'
import { at, errorInsteadOfSuccess, successInsteadOfError } from '../replay/divergence-builders.ts'

const CONFIRM = 'Please confirm the authentication on your mobile device!'
const POLL = `${CONFIRM} Use the polling feature of your privacyIDEA Authenticator App to check for a new Login request.`
const refusedText = (action: string): RegExp =>
  new RegExp(`answers 400: ERR905: ${action}: there is no tag \\{nosuch\\} in this text`)
const messages = (text: string): Readonly<Record<string, string>> => ({
  'json.detail.message': text,
  'json.detail.messages[0]': text,
  'json.detail.multi_challenge[0].message': text,
})
const question = (text: string | RegExp): Readonly<Record<string, string | RegExp>> => ({
  'fcm[0].body.message.data.question': text,
  'fcm[0].body.message.notification.body': text,
  'fcm[0].body.message.apns.payload.aps.alert.body': text,
})

const numbered = (exchanges: readonly string[], path: string): Application => ({
  ...at('27-policy-api', exchanges, { [path]: ANY_INTEGER }),
  mayBeAlike: true,
})

export const RELEASE: readonly Divergence[] = [
  {
    id: 'texts with a tag that there is none of',
    rows: ['a text with a tag there is none of |'],
    reason:
      'such a text is refused when it is written, naming the tag, so that a slip is seen before users see its default',
    applications: [
      at('21-texts', ['unknown tag: default text'], { setup: refusedText('push_text_on_mobile') }),
      at('21-texts', ['push_challenge_text with tags'], {
        setup: refusedText('push_challenge_text'),
        ...messages(CONFIRM),
      }),
    ],
  },
  {
    id: 'the tag {url}',
    rows: ['`{url}` in a text |'],
    reason: 'Nod puts in the address at which phones reach it; in privacyIDEA it is empty unless its base URL is set',
    applications: [
      at(
        '21-texts',
        ['tags'],
        question(
          /^Alice Alice Anders alice realm1 PIPU00002101 127\.0\.0\.1 push \/validate\/triggerchallenge http:\/\/127\.0\.0\.1:\d+ privacyIDEA-LoginPlugin privacyIDEA-LoginPlugin\/1\.2\.0$/,
        ),
      ),
      at(
        '21-texts',
        ['tags when triggered by pin', 'tags when triggered by serial'],
        question(
          /^Alice Alice Anders alice realm1 PIPU00002101 127\.0\.0\.1 push \/validate\/check http:\/\/127\.0\.0\.1:\d+ privacyIDEA-LoginPlugin privacyIDEA-LoginPlugin\/1\.2\.0$/,
        ),
      ),
    ],
  },
  {
    id: 'a registration token that Google calls unregistered',
    rows: ['a registration token that FCM does not know |'],
    reason: 'Google would refuse every further push, so none is sent until the app sends a new registration token',
    applications: [
      at('15-fcm-failure-edge', ['connection dropped', 'connection dropped, by pin', 'recovered'], {
        'fcm[0]': ABSENT,
      }),
      at('15-fcm-failure-edge', ['recovered'], messages(POLL)),
    ],
  },
  {
    id: 'a challenge without a push and without polling',
    rows: ['a login without a push where polling is denied |'],
    reason: 'privacyIDEA answers null for the transaction id; Nod keeps the login, so that a plugin has an id to poll',
    applications: [
      at('15-fcm-failure-edge', ['polling denied: no challenge possible', 'polling denied, by pin'], {
        'json.detail.transaction_id': /^\d{20}$/,
        'json.detail.transaction_ids[0]': /^\d{20}$/,
        'json.detail.multi_challenge[0].transaction_id': /^\d{20}$/,
      }),
    ],
  },
  {
    id: 'the first push that fails',
    rows: ['the hint to poll, after a push that failed |'],
    reason:
      'privacyIDEA waits for Google with every login; Nod only where the push before failed, so the hint to poll comes from the second failure on',
    // Not where a replay before it has failed to push to the same phone.
    applications: [
      { ...at('15-fcm-failure', ['trigger, Google answers 500'], messages(CONFIRM)), mayBeAlike: true },
      { ...at('15-fcm-failure-edge', ['trigger by pin'], messages(CONFIRM)), mayBeAlike: true },
    ],
  },
  {
    id: 'five prompts in a poll',
    rows: ['phone poll, more than five open logins |'],
    reason:
      'whoever may trigger must not bury the login that its owner waits for (docs/divergences.md); the phone has six open',
    applications: [
      at('15-fcm-failure', ['challenge is there for polling'], {
        'json.result.value': new Containing({ 4: new Containing({ serial: 'PIPU00001501' }) }),
      }),
    ],
  },
  {
    id: 'numbers of policies',
    rows: ['number of a policy |'],
    reason: 'row numbers of the server',
    applications: [
      numbered(['create (json, action as string)'], "json.result.value['setPolicy demo']"),
      numbered(
        ['create (json, action as object)', 'change only the action: other fields stay'],
        "json.result.value['setPolicy demo2']",
      ),
      numbered(['create (form)'], "json.result.value['setPolicy demo3']"),
      numbered(['disable', 'enable'], 'json.result.value'),
    ],
  },
  {
    id: 'values of policies are checked when they are written',
    rows: ['policy values |'],
    reason: 'a policy with a malformed value is refused when it is written, so that no login fails because of it',
    applications: [
      at('27-policy-api', ['wrong value type'], {
        ...errorInsteadOfSuccess(400, 905, "ERR905: push_wait: 'long' is not a whole number from 0 to 120"),
        'json.detail': null,
      }),
      at('27-policy-api', ['a login while push_wait=long'], {
        ...successInsteadOfError,
        'json.id': 2,
        'json.result.value': false,
        'json.result.authentication': 'REJECT',
        'json.detail': { message: 'The user has no tokens assigned', threadid: 1 },
      }),
      at('27-policy-api', ['delete'], {
        ...errorInsteadOfSuccess(404, 601, 'The requested Policy could not be found.'),
        'json.detail': null,
      }),
    ],
  },
]
