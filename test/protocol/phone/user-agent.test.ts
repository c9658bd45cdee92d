import { expect, it } from 'vitest'
import { parseApp } from '../../../src/protocol/phone/user-agent.ts'

it.each([
  // Source: docs/protocol.md, "Registration"
  ['privacyIDEA-App/4.8.0 Android/14', { app: 'privacyIDEA-App/4.8.0', system: 'Android/14' }],
  ['privacyIDEA-App/4.7.1 iOS/18.1', { app: 'privacyIDEA-App/4.7.1', system: 'iOS/18.1' }],
  ['eduMFA-App/1.0.0', { app: 'eduMFA-App/1.0.0' }],
  ['privacyIDEA-App/4.8.0 and more of it', { app: 'privacyIDEA-App/4.8.0' }],
  // Source: docs/protocol.md, "Phone poll": when it polls
  ['privacyIDEA-App / Android 14', undefined],
  ['', undefined],
  ['<script>/1', undefined],
  [`privacyIDEA-App/4${'8'.repeat(300)}`, undefined],
  ['privacyIDEA-App/4.8.0\n', undefined],
])('%j names %j', (userAgent, app) => {
  expect(parseApp(userAgent)).toEqual(app)
})
