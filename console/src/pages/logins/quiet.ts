/** Hooks that wait until it is worth to do or say something. */
import { useEffect, useRef, useState } from 'preact/hooks'

/** The value, once it has stayed the same for `ms` milliseconds. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value)
  const key = JSON.stringify(value)
  useEffect(() => {
    if (JSON.stringify(settled) === key) return undefined
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [key])
  return settled
}

/** At most one announcement in this time, in milliseconds: what is read out takes time as well. */
const APART_MS = 10_000

/** What to read out of a list that changes: nothing of what was there first, then how many have changed since it was last said. */
export function useAnnouncement(list: ReadonlyMap<string, unknown>, say: (count: number) => string): string {
  const [text, setText] = useState('')
  const said = useRef<ReadonlyMap<string, unknown> | undefined>(undefined)
  const newest = useRef({ list, say })
  newest.current = { list, say }
  useEffect(() => {
    const timer = setInterval(() => {
      const before = said.current
      const { list: now, say: spell } = newest.current
      said.current = now
      if (before === undefined) return
      const changed = [...now].filter(([id, value]) => before.get(id) !== value).length
      if (changed > 0) setText(spell(changed))
    }, APART_MS)
    return () => clearInterval(timer)
  }, [])
  return text
}
