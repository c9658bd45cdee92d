import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fcmBody } from '../../src/delivery/fcm-message.ts'
import { instant, seconds } from '../../src/vocabulary.ts'

interface Recorded {
  readonly message: {
    readonly token: string
    readonly data: Readonly<Record<string, string>>
    readonly apns: { readonly headers: Readonly<Record<string, string>> }
  }
}

const golden = new URL('../golden/', import.meta.url)
const recorded: readonly Recorded[] = readdirSync(golden)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, golden), 'utf8')).fcm ?? [])
  .map(({ body }) => body)

describe('the body sent to FCM', () => {
  it('is what privacyIDEA sends, in every recorded message', () => {
    for (const body of recorded) {
      const { token, data, apns } = body.message
      const sentAt = instant((Number(apns.headers['apns-expiration']) - 120) * 1000 + 999)
      const made = fcmBody({ firebase: 'FB1', registrationToken: token, prompt: data, validFor: seconds(120) }, sentAt)
      expect(JSON.parse(made)).toEqual(body)
    }
    expect(recorded.length).toBeGreaterThan(9)
  })

  it('expires with the challenge, in whole seconds', () => {
    const message = { firebase: '', registrationToken: 't', prompt: {}, validFor: seconds(7.9) }
    const made = JSON.parse(fcmBody(message, instant(1_000_500)))
    expect(made.message.android.ttl).toBe('7s')
    expect(made.message.apns.headers['apns-expiration']).toBe('1007')
  })
})
