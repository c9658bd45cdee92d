/** How prompts are handed to FCM. */
import type { Seconds } from '../vocabulary.ts'
import type { FirebaseProbe } from '../vocabulary/doctor.ts'
import type { QuarantineCause } from '../vocabulary/phones.ts'

export interface Delivery {
  /** Hands a prompt to FCM. Never throws. */
  deliver(message: Message): Promise<DeliveryResult>
  /** Whether there is a Firebase configuration of this name. */
  knows(firebase: string): boolean
  /** Asks Google whether this Firebase configuration can send; undefined if there is no such configuration. Sends nothing to a phone,
   *  answers within three seconds and never throws. */
  probe(firebase: string): Promise<FirebaseProbe | undefined>
  /** Whether the last message over this Firebase configuration, or to this phone, failed within ten minutes, as far as this
   *  isolate knows; always, if there is no such configuration. */
  hasJustFailed(target: Pick<Message, 'firebase' | 'registrationToken'>): boolean
}

export interface Message {
  /** The login that the prompt is of. */
  readonly transaction?: string
  readonly firebase: string
  readonly registrationToken: string
  readonly prompt: Readonly<Record<string, string>>
  readonly validFor: Seconds
}

export type DeliveryResult =
  | { readonly kind: 'delivered' }
  /** Another try may succeed after so many seconds. */
  | { readonly kind: 'later'; readonly why: string; readonly retryAfter: Seconds }
  | { readonly kind: 'failed'; readonly why: string }
  /** Every message to this registration token will fail. */
  | { readonly kind: 'gone'; readonly why: QuarantineCause }
