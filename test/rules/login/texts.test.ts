import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { challengeMessage, loginText, mobileText, type TextTags } from '../../../src/rules/login/texts.ts'

/** As recorded in golden 21-texts. */
const tags: TextTags = {
  user: 'Alice',
  givenname: 'Alice',
  surname: 'Anders',
  username: 'alice',
  userrealm: 'realm1',
  serial: 'PIPU00002101',
  client_ip: '127.0.0.1',
  tokentype: 'push',
  action: '/validate/triggerchallenge',
  url: 'http://127.0.0.1:5000',
  ua_browser: 'None',
  ua_string: 'privacyIDEA-LoginPlugin/1.2.0',
}
const EVERY_TAG =
  '{user} {givenname} {surname} {username} {userrealm} {serial} {client_ip} {tokentype} {action} {url} {ua_browser} {ua_string}'
const {
  user: _user,
  givenname: _givenname,
  surname: _surname,
  username: _username,
  userrealm: _userrealm,
  ...ownerless
} = tags
const DEFAULT = 'Do you want to confirm the login?'

describe('the question on the phone', () => {
  it.each<[string, string, string]>([
    ['is a fixed text as it is', 'Anmelden bei ACME?', 'Anmelden bei ACME?'],
    [
      'fills in its tags',
      EVERY_TAG,
      'Alice Alice Anders alice realm1 PIPU00002101 127.0.0.1 push /validate/triggerchallenge http://127.0.0.1:5000 None privacyIDEA-LoginPlugin/1.2.0',
    ],
    ['is the default with a tag there is none of', 'Unknown {nosuch} tag {user}', DEFAULT],
    ['is the default with a format of Python', 'For {serial:>20} and {user!r}', DEFAULT],
    ['is the default with an empty tag', 'For {}', DEFAULT],
    ['is the default with a brace left open', 'For {user', DEFAULT],
    ['is the default with a brace too many', 'For user}', DEFAULT],
    ['keeps doubled braces as braces', 'For {{user}} {user}', 'For {user} Alice'],
    ['keeps a comma that was written with a backslash', 'Hello\\, {user}', 'Hello, Alice'],
    ['has no tag for the option to tap', 'Tap {presence_answer}', DEFAULT],
    ['fills a known tag without a value with nothing', 'At {time}!', 'At !'],
    ['knows no tag by what objects inherit', '{constructor}', DEFAULT],
  ])('%s', (_, template, expected) => {
    expect(mobileText(template, tags, 'en')).toBe(expected)
  })

  it('has empty tags for a login without a user', () => {
    expect(mobileText(EVERY_TAG, { ...ownerless, action: '/validate/check' }, 'en')).toBe(
      '     PIPU00002101 127.0.0.1 push /validate/check http://127.0.0.1:5000 None privacyIDEA-LoginPlugin/1.2.0',
    )
  })

  it('does not read the value of a tag as a template', () => {
    expect(mobileText('{surname}', { surname: '{username} {nosuch' }, 'en')).toBe('{username} {nosuch')
  })

  it('shortens a long value and drops control characters', () => {
    expect(mobileText('{ua_string}', { ua_string: 'x'.repeat(5000) }, 'en')).toHaveLength(200)
    expect(mobileText('{surname}', { surname: 'A\nB\u202eC' }, 'en')).toBe('A B C')
  })

  it('never has a bar, which separates what is signed', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (surname, text) => {
        expect(mobileText(`${text}{surname}|`, { surname: `|${surname}` }, 'en')).not.toContain('|')
      }),
    )
  })
})

describe('the text at the login', () => {
  it.each<[string, string, string]>([
    [
      'fills a tag there is none of with nothing',
      'Hi {user} look at {serial} {nosuch}',
      'Hi Alice look at PIPU00002101 ',
    ],
    ['keeps a lone brace', 'Hi {user} } {', 'Hi Alice } {'],
    ['reads a backslash and a comma as a comma', 'Hi\\, {user}', 'Hi, Alice'],
    ['keeps doubled braces as braces', '{{user}}', '{user}'],
  ])('%s', (_, template, expected) => {
    expect(loginText(template, tags)).toBe(expected)
  })
})

describe('the message of a login', () => {
  const CONFIRM = 'Please confirm the authentication on your mobile device!'

  it('is the text of its only challenge', () => {
    expect(challengeMessage([{ settings: { language: 'en', challengeText: CONFIRM }, tags }])).toEqual({
      messages: [CONFIRM],
      message: CONFIRM,
    })
  })

  it('says the same thing once, and different things with a comma between', () => {
    const phones = (challengeText: string) =>
      ['A', 'B'].map((serial) => ({ settings: { language: 'en' as const, challengeText }, tags: { serial } }))
    expect(challengeMessage(phones(CONFIRM))).toEqual({
      messages: [CONFIRM, CONFIRM],
      message: CONFIRM,
    })
    expect(challengeMessage(phones('On {serial}')).message).toBe('On A, On B')
  })

  it('has header and footer on lines of their own', () => {
    const texts = { language: 'en' as const, challengeText: 'Body', header: '<b>Head</b>', footer: 'Foot' }
    expect(challengeMessage([{ settings: texts, tags }])).toEqual({
      messages: ['Body'],
      message: '<b>Head</b>\nBody\nFoot',
    })
  })

  it('may have a header without a footer, and a footer without a header', () => {
    const message = (texts: { header?: string; footer?: string }) =>
      challengeMessage([{ settings: { language: 'en', challengeText: 'Body', ...texts }, tags }]).message
    expect(message({ header: 'Head of {user}' })).toBe('Head of Alice\nBody')
    expect(message({ footer: 'Foot' })).toBe('Body\nFoot')
  })

  it('names the option to tap after the text', () => {
    const { messages, message } = challengeMessage([
      { settings: { language: 'en', challengeText: CONFIRM }, tags, presenceAnswer: 'Y' },
    ])
    expect([...messages, message]).toEqual([`${CONFIRM} Please press: Y`, `${CONFIRM} Please press: Y`])
  })

  it('names the option to tap where the text says so', () => {
    const texts = { language: 'en' as const, challengeText: 'Tap {presence_answer}, {user}!' }
    expect(challengeMessage([{ settings: texts, tags, presenceAnswer: '48' }]).message).toBe('Tap 48, Alice!')
  })

  it('names the option to tap after a text that only seems to', () => {
    const texts = { language: 'en' as const, challengeText: 'Tap {{presence_answer}}' }
    expect(challengeMessage([{ settings: texts, tags, presenceAnswer: '48' }]).message).toBe(
      'Tap {presence_answer} Please press: 48',
    )
  })
})
