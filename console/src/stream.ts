import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Failure, Nod, Outcome, StreamOptions } from '../../client/src/index.ts'
import { endedBy, isExpired, nod } from './session.ts'

/** `cut`: it has broken off or cannot be opened, and is tried again. `ended`: no further event comes. */
export type Connection = 'opening' | 'open' | 'cut' | 'ended'

export interface Stream {
  readonly connection: Connection
  /** Why it has ended, where that is no regular end. */
  readonly failure: Failure | undefined
  /** Connects again, at once. */
  readonly retry: () => void
}

/** Watches a stream of events while the page is open, and begins anew when one of `inputs` changes. It comes back by itself where the
 *  connection breaks off, and after another sign-in where the session ends. `isOn`: whether to watch at all. */
export function useStream<T>(
  events: (connection: Nod, options: StreamOptions) => AsyncGenerator<Outcome<T>>,
  onEvent: (event: T) => void,
  inputs: readonly unknown[],
  isOn = true,
): Stream {
  const [state, setState] = useState<Omit<Stream, 'retry'>>({ connection: 'opening', failure: undefined })
  const [round, setRound] = useState(0)
  const newest = useRef({ events, onEvent })
  newest.current = { events, onEvent }
  const key = JSON.stringify(inputs)
  const connection = nod.value
  const isCovered = isExpired.value

  useEffect(() => {
    if (!isOn || isCovered) return undefined
    const controller = new AbortController()
    const { signal } = controller
    setState({ connection: 'opening', failure: undefined })
    const onConnection = (isOpen: boolean) =>
      signal.aborted || setState({ connection: isOpen ? 'open' : 'cut', failure: undefined })
    const watch = async () => {
      let failure: Failure | undefined
      for await (const outcome of newest.current.events(connection, { signal, retries: Infinity, onConnection })) {
        if (signal.aborted) return
        if (outcome.ok) newest.current.onEvent(outcome.value)
        else failure = outcome.failure
      }
      if (signal.aborted || (failure !== undefined && endedBy(failure))) return
      setState({ connection: 'ended', failure })
    }
    void watch()
    // The browser keeps a connection for a while that has no network any more.
    const cut = () => {
      controller.abort()
      setState({ connection: 'cut', failure: undefined })
    }
    addEventListener('offline', cut)
    return () => {
      removeEventListener('offline', cut)
      controller.abort()
    }
  }, [key, round, connection, isOn, isCovered])

  const retry = useCallback(() => setRound((count) => count + 1), [])
  const isCut = state.connection === 'cut'
  useEffect(() => {
    if (!isCut) return undefined
    addEventListener('online', retry)
    return () => removeEventListener('online', retry)
  }, [isCut, retry])
  return { ...state, retry }
}
