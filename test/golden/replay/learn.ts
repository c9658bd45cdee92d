import { inRecordedOrder } from './order.ts'
import { isUnder, type Path, type PathPattern } from './path.ts'
import { isObject, type Json } from './recording.ts'
import type { Kind, Translation } from './translation.ts'

/** Learns the values that later requests send back, before an answer is compared. */

const KINDS: Readonly<Record<string, Kind>> = {
  transaction_id: 'transaction',
  transaction_ids: 'transaction',
  nonce: 'nonce',
  challenge: 'nonce',
  enrollment_credential: 'credential',
  signature: 'signature',
  capabilities_signature: 'signature',
  public_key: 'key',
  token: 'jwt',
}
const SHORT: ReadonlySet<string> = new Set(['presence_answer', 'display_code'])

export interface RepeatedValue {
  readonly path: Path
  readonly recorded: string
  readonly live: string
  readonly earlier: string
}

export interface LearningContext {
  readonly translation: Translation
  /** Only volatile values are learned: elsewhere another value is a difference. */
  readonly volatile: readonly PathPattern[]
  /** Whether the server chose the serial. Serials in requests are the same in both runs. */
  readonly isMadeByServer: (serial: string) => boolean
}

/** Learns which live value stands for which recorded one. Returns values that are new in the recording and are earlier ones
 *  here. */
export function learn(
  lesson: LearningContext,
  recorded: Json | undefined,
  live: Json | undefined,
  path: Path,
): RepeatedValue[] {
  if (Array.isArray(recorded) && Array.isArray(live)) {
    const partners = inRecordedOrder(lesson.translation, recorded, live) ?? live
    return recorded.flatMap((item, index) => learn(lesson, item, partners[index], [...path, index]))
  }
  if (isObject(recorded) && isObject(live)) {
    return Object.entries(recorded).flatMap(([name, value]) => learn(lesson, value, live[name], [...path, name]))
  }
  if (typeof recorded === 'string' && typeof live === 'string') return learnText(lesson, recorded, live, path)
  return []
}

function learnText(lesson: LearningContext, recorded: string, live: string, path: Path): RepeatedValue[] {
  const { translation } = lesson
  const key = String(path.findLast((step) => typeof step === 'string'))
  if (key === 'serial' && lesson.isMadeByServer(recorded)) translation.learn('serial', recorded, live)
  if (!lesson.volatile.some((pattern) => isUnder(path, pattern))) return []
  if (SHORT.has(key)) translation.learnShort(recorded, live)
  if (key === 'require_presence') translation.learnOptions(recorded.split(','), live.split(','))
  const kind = KINDS[key]
  const earlier = kind && translation.learn(kind, recorded, live)
  return earlier === undefined ? [] : [{ path, recorded, live, earlier }]
}
