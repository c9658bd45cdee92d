/** The page of the events that webhooks get. */
import { type PushedEvent, eventClaims } from '../../src/protocol/administration/security-event-token.ts'
import { instant, type Serial, type TransactionId } from '../../src/vocabulary.ts'
import type { SecurityEvent, SecurityEventType } from '../../src/vocabulary/security-events.ts'
import { codeBlock, html, type Markup } from './html.ts'
import type { Page } from './page.ts'
import { SAMPLE_TIME } from './sample-values.ts'

const AT = instant(SAMPLE_TIME)
const OF_USER = {
  id: '6f1c0a5d2ed5c046edb416a7d3c1b2f0',
  at: AT,
  owner: { login: 'ada', realm: 'sales' },
  serial: 'PIPU1A2B3C4D' as Serial,
}
const OF_LOGIN = {
  ...OF_USER,
  service: 'vpn',
  transaction: '01234567890123456789' as TransactionId,
  address: '203.0.113.9',
}
const OF_ADMINISTRATOR = { id: OF_USER.id, at: AT, administrator: 'grace', address: '203.0.113.9' }

type Told<T extends SecurityEventType> = readonly [
  meaning: string,
  ...samples: Extract<SecurityEvent, { readonly type: T }>[],
]

/** What each type of event means, and events of it. A new type does not compile until it has a meaning. */
const EVENTS: { readonly [T in SecurityEventType]: Told<T> } = {
  not_me: [
    'The owner of a phone has signed that a login was not theirs. With pin_known somebody else knows the PIN.',
    { type: 'not_me', ...OF_LOGIN, pinKnown: true, consequence: 'pin_suspended' },
  ],
  lockout: ['Too many failed attempts have locked a token.', { type: 'lockout', ...OF_LOGIN }],
  new_phone: [
    'A user has a new phone or bypass code, or has said on another phone that it was not theirs.',
    { type: 'new_phone', ...OF_USER, change: 'enrolled', administrator: 'grace' },
    { type: 'new_phone', ...OF_USER, change: 'undone' },
  ],
  bypass_code_used: ['A user has logged in by a bypass code.', { type: 'bypass_code_used', ...OF_LOGIN }],
  administrator_new_place: [
    'An administrator has signed in from a place where they were not before.',
    { type: 'administrator_new_place', ...OF_ADMINISTRATOR },
  ],
  break_glass_used: [
    'An administrator has signed in with the secret for emergencies.',
    { type: 'break_glass_used', ...OF_ADMINISTRATOR },
  ],
  administrator_without_second_factor: [
    'An administrator who needs a second factor and has none has signed in to enroll it.',
    { type: 'administrator_without_second_factor', ...OF_ADMINISTRATOR },
  ],
  key_rotated: [
    'A key of the deployment or of a service was rotated.',
    { type: 'key_rotated', ...OF_ADMINISTRATOR, key: 'service', keyId: 'vpn' },
  ],
}

const claimsOf = (event: PushedEvent): string =>
  JSON.stringify(
    eventClaims(event, {
      issuer: 'https://nod.example',
      audience: 'https://events.example.com/nod',
      webhook: '9b1d5e3a77c0f412',
      keptAt: AT,
    }),
    null,
    2,
  )

const events = Object.entries(EVENTS).map(([type, [meaning, ...samples]]) => ({ type, meaning, samples }))

export const eventPage: Page = {
  path: 'events/',
  title: 'Webhook events',
  about: 'What webhooks are told, with the claims of each token.',
  headings: events.map(({ type }) => ({ id: type, label: html`<span>${type}</span>` })),
  entries: events.map(({ type, meaning }) => ({ kind: 'event' as const, title: type, text: meaning, id: type })),
  content: html`<header>
      <h1>Webhook events</h1>
      <p>
        <a href="/docs/api/webhooks/#postWebhook">POST /webhook</a> adds an address that Nod pushes events to, each as a
        security event token (RFC 8417, RFC 8935): a JWT of the type <code>secevent+jwt</code>, signed with ES256 by a
        key of <a href="/docs/api/webhooks/#getWellKnownJwksJson">/.well-known/jwks.json</a>. The receiver answers 202.
        New types may come, and statements may get new fields: ignore what you do not know.
        <code>docs/webhooks.md</code> and <code>examples/webhook-receiver.mjs</code> of the source show how tokens are
        verified.
      </p>
    </header>
    ${events.map(article)}`,
}

function article({ type, meaning, samples }: (typeof events)[number]): Markup {
  return html`<article class="card" id="${type}">
    <h2>
      <a href="#${type}"><code>${type}</code></a>
    </h2>
    <p>${meaning}</p>
    ${samples.map((event) => codeBlock(`Claims of ${type}`, claimsOf(event), 'docs-answer'))}
  </article>`
}
