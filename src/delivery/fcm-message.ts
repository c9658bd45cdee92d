import type { Message } from '../ports/ports.ts'
import type { Instant } from '../vocabulary.ts'

/** The JSON that FCM is sent. The prompt is the data, every value a string; its title and question are what the
 *  phone's system shows before the app runs. Google drops the message when the challenge ends.
 *  Source: docs/protocol.md, "FCM message" (privacyidea/lib/smsprovider/FirebaseProvider.py). */
export function fcmBody(message: Message, now: Instant): string {
  const shown = { title: message.prompt['title'] ?? '', body: message.prompt['question'] ?? '' }
  const validFor = Math.max(0, Math.floor(message.validFor))
  return JSON.stringify({
    message: {
      token: message.registrationToken,
      data: message.prompt,
      notification: shown,
      android: {
        priority: 'HIGH',
        ttl: `${validFor}s`,
        fcm_options: { analytics_label: 'AndroidPushToken' },
      },
      apns: {
        headers: {
          'apns-priority': '10',
          'apns-push-type': 'alert',
          'apns-collapse-id': 'privacyidea.pushtoken',
          'apns-expiration': String(Math.floor(now / 1000) + validFor), // seconds since the epoch
        },
        payload: { aps: { alert: shown, sound: 'default', category: 'PUSH_AUTHENTICATION' } },
        fcm_options: { analytics_label: 'iOSPushToken' },
      },
    },
  })
}
