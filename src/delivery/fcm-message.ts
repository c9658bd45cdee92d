import type { Message } from '../ports/delivery.ts'
import type { Instant } from '../vocabulary.ts'

/** Writes the JSON that is sent to FCM. `data` is the prompt, every value a string; the phone's system shows its title and
 *  question before the app runs. Google drops the message when the challenge ends.
 *  Source: docs/protocol.md, "FCM message" (privacyidea/lib/smsprovider/FirebaseProvider.py). */
export function fcmBody(message: Message, now: Instant): string {
  const notification = { title: message.prompt['title'] ?? '', body: message.prompt['question'] ?? '' }
  const validFor = Math.max(0, Math.floor(message.validFor))
  return JSON.stringify({
    message: {
      token: message.registrationToken,
      data: message.prompt,
      notification,
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
        payload: { aps: { alert: notification, sound: 'default', category: 'PUSH_AUTHENTICATION' } },
        fcm_options: { analytics_label: 'iOSPushToken' },
      },
    },
  })
}
