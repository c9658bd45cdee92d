/** Ends a session in which nobody has moved for the time that the policy `logout_time` gives. */
import { effect } from '@preact/signals'
import { expire, isExpired, session } from './session.ts'

const ACTIVITY = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** Begins to watch. */
export function watchActivity(): void {
  let lastActive = Date.now()
  for (const kind of ACTIVITY) addEventListener(kind, () => (lastActive = Date.now()), { passive: true })

  effect(() => {
    const seconds = session.value?.logoutTime ?? 0
    if (seconds <= 0 || isExpired.value) return undefined
    lastActive = Date.now()
    // By the clock: timers stand still while a laptop sleeps.
    const timer = setInterval(() => Date.now() - lastActive > seconds * 1000 && expire(), 1000)
    return () => clearInterval(timer)
  })
}
