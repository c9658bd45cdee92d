/** The page of a login's timeline: its steps, and how it can end. */
import { EXPLANATIONS, loginHelp } from '../../src/protocol/login/login-explanations.ts'
import { eventText } from '../../src/protocol/login/step-texts.ts'
import type { StepEvent, Withdrawal } from '../../src/vocabulary/login-steps.ts'
import type { NoticeKind } from '../../src/vocabulary/notices.ts'
import type { Restriction } from '../../src/vocabulary/push-firewall.ts'
import { html, type Markup, prose } from './html.ts'
import type { Page } from './page.ts'

type Kind = StepEvent['kind']
type Sample<K extends Kind> = readonly [meaning: string, ...samples: Extract<StepEvent, { kind: K }>[]]

const withdrawn = (cause: Exclude<Withdrawal['cause'], 'administrator'>) => ({ kind: 'withdrawn', cause }) as const
const restricted = (why: Restriction) => ({ kind: 'restricted', why }) as const
const noticed = (notice: NoticeKind) => ({ kind: 'notice_opened', notice }) as const

/** What each step means, and events of it, whose words are shown. A new kind does not compile until it has a meaning. */
const STEPS: { readonly [K in Kind]: Sample<K> } = {
  opened: ['The service has triggered the login, and it is stored.', { kind: 'opened' }],
  restricted: [
    'The push firewall keeps the phone from ringing for it, or would (`would be restricted`) if it were on.',
    restricted('over_budget'),
    restricted('paused'),
    restricted('pin_known'),
  ],
  joined: ['The same request came again, and shares this login.', { kind: 'joined' }],
  enrollment_started: [
    'A phone is to be enrolled during the login: the QR code is shown.',
    { kind: 'enrollment_started' },
  ],
  notice_opened: [
    'It is a notice and no login: the phone is told of something.',
    noticed('phone_bound'),
    noticed('bypass_code_issued'),
    noticed('bypass_code_used'),
    noticed('pin_stopped'),
  ],
  delivered: ['FCM has taken the push message. It does not say that the phone has it.', { kind: 'delivered' }],
  delivery_unneeded: ['The login was answered before the push message was sent.', { kind: 'delivery_unneeded' }],
  delivery_failed: [
    'FCM did not take the push message, and says why.',
    { kind: 'delivery_failed', why: 'UNREGISTERED' },
  ],
  fetched: ['The phone has fetched the prompt by its poll; the first time is kept.', { kind: 'fetched' }],
  accepted: ['The user has accepted, and the signature holds.', { kind: 'accepted' }],
  confirmed: ['Code to phone: the user has confirmed, and the phone shows the code to type.', { kind: 'confirmed' }],
  declined: [
    'The user has declined; `not me`: as somebody else’s login.',
    { kind: 'declined' },
    { kind: 'declined', reason: 'unknown_trigger' },
    { kind: 'declined', reason: 'cancelled' },
  ],
  wrong_number: ['Another number was tapped than the login shows. That ends it.', { kind: 'wrong_number' }],
  wrong_code: ['Another code was typed than the phone shows. The third ends the login.', { kind: 'wrong_code' }],
  registered: ['The phone has registered, by the QR code of this login.', { kind: 'registered' }],
  enrollment_cancelled: ['The user has left the enrollment.', { kind: 'enrollment_cancelled' }],
  finalized: ['The service has used the accepted login: the user is in.', { kind: 'finalized' }],
  withdrawn: [
    'The login, or one phone’s part in it, has ended without an answer.',
    withdrawn('caller_left'),
    { kind: 'withdrawn', cause: 'administrator', administrator: '<name>' },
  ],
  expired: ['Its time is over. Only the audit has this step.', { kind: 'expired', accepted: false }],
  other: ['A step that another version of Nod has stored.', { kind: 'other', text: '…' }],
}

const steps = Object.entries(STEPS).map(([kind, [meaning, ...samples]]) => ({
  kind,
  meaning,
  texts: [...new Set(samples.map((sample) => eventText(sample)))],
}))

const outcomes = EXPLANATIONS.map((name) => ({ name, ...loginHelp(name, 'en') }))
const opened = outcomes.filter(({ name }) => !name.startsWith('refused'))
const refused = outcomes.filter(({ name }) => name.startsWith('refused'))
const idOf = (name: string): string => name.replace('/', '-')

export const loginPage: Page = {
  path: 'logins/',
  title: 'Timeline of a login',
  about: 'The steps of a login, how it can end, and what to do then.',
  headings: [
    { id: 'steps', label: html`Steps` },
    { id: 'outcomes', label: html`How a login ends` },
    { id: 'refused-logins', label: html`Refused before it opened` },
  ],
  entries: [
    ...steps.map(({ kind, meaning, texts }) => ({
      kind: 'timeline step' as const,
      title: kind,
      text: `${texts.join(', ')}: ${meaning}`,
      id: `step-${kind}`,
    })),
    ...outcomes.map(({ name, reason, advice }) => ({
      kind: 'outcome' as const,
      title: name,
      text: `${reason} ${advice}`,
      id: idOf(name),
    })),
  ],
  content: html`<header>
      <h1>Timeline of a login</h1>
      <p>
        <a href="/docs/api/logins/#getTransactionByTransactionId">GET /transaction/{transaction_id}</a> answers the
        steps of a login, and
        <a href="/docs/api/logins/#getTransactionByTransactionIdSteps">GET /transaction/{transaction_id}/steps</a>
        while they happen. <a href="/docs/api/reports/#getReportLogins">GET /report/logins</a> says how each login
        ended, in the sentences below.
      </p>
    </header>
    <section class="card" id="steps">
      <h2>Steps</h2>
      <table class="fields">
        <tbody>
          ${steps.map(
            ({ kind, meaning, texts }) =>
              html`<tr id="step-${kind}">
                <th scope="row"><code>${kind}</code></th>
                <td>${texts.map((text, index) => html`${index === 0 ? '' : html`<br />`}${text}`)}</td>
                <td>${prose(meaning)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>
    ${section('outcomes', 'How a login ends', opened)} ${section('refused-logins', 'Refused before it opened', refused)}`,
}

function section(id: string, title: string, listed: typeof outcomes): Markup {
  return html`<section class="card" id="${id}">
    <h2>${title}</h2>
    <table class="fields">
      <tbody>
        ${listed.map(
          ({ name, reason, advice }) =>
            html`<tr id="${idOf(name)}">
              <th scope="row"><code>${name}</code></th>
              <td>${reason}</td>
              <td><p>${advice === '' ? 'Nothing has to be done.' : advice}</p></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`
}
