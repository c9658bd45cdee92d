import { useEffect, useRef, useState } from 'preact/hooks'
import { type LiveLogin, liveLogins, type LoginEntry } from '../../../../client/src/index.ts'
import { readTime } from '../../format.ts'
import { type Stream, useStream } from '../../stream.ts'
import type { Filters } from './filters.tsx'

export type ListedLogin = LoginEntry & Partial<Pick<LiveLogin, 'last' | 'last_text'>>

/** Logins as they happen. */
export interface Tail {
  /** By transaction id, each as it stands; while it is paused, as it stood then. */
  readonly logins: ReadonlyMap<string, LiveLogin>
  /** The same before the filters that the stream does not know. */
  readonly all: ReadonlyMap<string, LiveLogin>
  /** How many logins have come or changed since it was paused. */
  readonly held: number
  readonly isPaused: boolean
  readonly setPaused: (isPaused: boolean) => void
  readonly stream: Stream
}

/** Events that come within this time are shown at once, in milliseconds. */
const TOGETHER_MS = 150
const KEPT = 500

/** Watches the logins that the filter finds, unless `isOn` is false. */
export function useTail({ user, realm, service, ...rest }: Filters, isOn: boolean): Tail {
  const [shown, setShown] = useState<ReadonlyMap<string, LiveLogin>>(new Map())
  const [held, setHeld] = useState(0)
  const [isPaused, setPaused] = useState(false)
  const waiting = useRef(new Map<string, LiveLogin>())
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const paused = useRef(isPaused)
  paused.current = isPaused

  const show = () => {
    timer.current = undefined
    if (paused.current) return setHeld(waiting.current.size)
    const fresh = waiting.current
    waiting.current = new Map()
    setHeld(0)
    // The newest stay last in a Map: a login that has changed keeps its place.
    setShown((before) => new Map([...before, ...fresh].slice(-KEPT)))
  }
  const filter = { user: user || undefined, realm: realm || undefined, service: service || undefined }
  const stream = useStream(
    (nod, options) => liveLogins(nod, filter, options),
    (login) => {
      waiting.current.set(login.transaction_id, login)
      timer.current ??= setTimeout(show, TOGETHER_MS)
    },
    [filter],
    isOn,
  )
  const key = JSON.stringify(filter)
  useEffect(() => {
    waiting.current = new Map()
    setShown(new Map())
    setHeld(0)
  }, [key, isOn])
  useEffect(() => {
    if (!isPaused) show()
  }, [isPaused])
  useEffect(() => () => clearTimeout(timer.current), [])

  const logins = new Map([...shown].filter(([, login]) => isFound(login, rest)))
  return { logins, all: shown, held, isPaused, setPaused, stream }
}

/** Whether the filters that the stream does not know find this login. */
function isFound(
  { outcome, opened, serial, system_ms: own }: LoginEntry,
  filters: Pick<Filters, 'outcome' | 'serial' | 'from' | 'to' | 'slower_than'>,
): boolean {
  const at = readTime(opened)?.getTime() ?? 0
  const from = readTime(filters.from)?.getTime()
  const to = readTime(filters.to)?.getTime()
  return (
    (filters.outcome === '' || filters.outcome.split(',').includes(outcome)) &&
    (filters.serial === '' || serial.split(',').includes(filters.serial)) &&
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    (filters.slower_than === '' || (own !== null && own > Number(filters.slower_than)))
  )
}

/** Joins logins as they happen with those of the audit, each once, the newest first. `isWhole`: whether the audit has been read to its
 *  end; otherwise what is older than its last page is left out, so that nothing is missing in between. */
export function joined(
  live: ReadonlyMap<string, LiveLogin>,
  past: readonly LoginEntry[],
  isWhole: boolean,
): readonly ListedLogin[] {
  const oldest = isWhole ? '' : (past.at(-1)?.opened ?? '')
  const all = new Map<string, ListedLogin>()
  for (const [index, login] of past.entries()) {
    const { transaction_id: id, opened } = login
    all.set(id === '' ? `${opened} ${login.user} ${login.cause} ${index}` : id, login)
  }
  for (const [id, login] of live) {
    const kept = all.get(id)
    // A login that has expired is not told of: the audit knows.
    const isOver = kept !== undefined && (login.outcome === 'open' || login.outcome === 'unfinished')
    if (!isOver && (login.opened >= oldest || login.outcome === 'open')) all.set(id, login)
  }
  return [...all.values()].toSorted((one, other) => (one.opened < other.opened ? 1 : -1))
}
