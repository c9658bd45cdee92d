import type { Ports } from '../ports/ports.ts'
import { addSeconds, type Instant, instant, seconds, type Serial } from '../vocabulary.ts'
import type { Announcer } from './announcing.ts'
import type { EventKeeper } from './event-keeper.ts'
import type { Notices } from './notices.ts'
import { CHANGE_TIME, type ChangeMarks } from './change-marks.ts'
import type { PhoneStore } from './phone-store.ts'
import { copyQuarantine } from './quarantine-copy.ts'
import { changesOf } from './stored-phone.ts'

/** How soon the alarm goes off again when the catalogue did not answer. */
const RETRY = seconds(1)

/** The parts of a phone that leave work to its alarm. */
export interface PhoneWork {
  readonly store: PhoneStore
  readonly marks: ChangeMarks
  readonly announcer: Announcer
  readonly notices: Notices
  readonly events: EventKeeper
}

/** Does the work of a phone's alarm: ends a change whose end was not reported, updates the catalogue's copy of the counters, sends
 *  announcements, works on notices and reports security events. Never throws. Sets the next alarm while anything is left to do. */
export async function runPhoneAlarm(
  ports: Pick<Ports, 'now' | 'log' | 'tokens'>,
  storage: DurableObjectStorage,
  serial: Serial,
  work: PhoneWork,
): Promise<void> {
  const { store, marks, announcer, notices, events } = work
  try {
    const isOver = (at: Instant) => ports.now() >= addSeconds(at, CHANGE_TIME)
    // The alarm may have gone off for the copy only. A change ends once the catalogue cannot be writing it any more.
    const changes = store.stored === undefined ? [] : changesOf(store.stored).filter(isOver)
    if (changes.length > 0) await marks.end(changes)
    const ended = store.stored?.ownerChanges?.filter(isOver) ?? []
    if (ended.length > 0) await marks.endOfOwner(ended)
    if (store.isCopyDue) await store.copyCounters()
    await copyQuarantine(store, serial, ports)
    await announcer.run()
    await notices.work()
    await events.flush()
  } catch (error) {
    ports.log('alarm_failed', { serial, error: String(error) })
  } finally {
    const next = nextAlarm(work, ports.now())
    if (next !== undefined) await storage.setAlarm(next)
  }
}

function nextAlarm({ store, announcer, notices, events }: PhoneWork, now: Instant): Instant | undefined {
  const { stored, isCopyDue } = store
  const soon = addSeconds(now, RETRY)
  if (stored?.changing !== undefined) return instant(Math.max(addSeconds(stored.changing, CHANGE_TIME), soon))
  const isBehind = isCopyDue || stored?.quarantine !== undefined
  const [ownerMark] = stored?.ownerChanges ?? []
  const ownerChange = ownerMark && addSeconds(ownerMark, CHANGE_TIME)
  const due = [isBehind ? soon : undefined, ownerChange, announcer.nextAt(), notices.nextAt(), events.nextAt()]
  const times = due.filter((at) => at !== undefined)
  return times.length === 0 ? undefined : instant(Math.max(soon, Math.min(...times)))
}
