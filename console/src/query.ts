import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { CallOptions, Failure, Nod, Outcome } from '../../client/src/index.ts'
import { ask } from './session.ts'

/** What a page has read so far. */
export interface Query<T> {
  /** The newest value. It stays while the next one is read, and when that fails. */
  readonly value: T | undefined
  /** Why the newest attempt has failed. */
  readonly failure: Failure | undefined
  readonly isLoading: boolean
  readonly reload: () => void
}

export type Reader<T> = (nod: Nod, options: CallOptions) => Promise<Outcome<T>>

/** Reads when the page opens, whenever one of `inputs` changes, and every `every` milliseconds while the page is visible. An answer
 *  that has been overtaken by another input is dropped. */
export function useQuery<T>(
  reader: Reader<T>,
  inputs: readonly unknown[],
  { every }: { readonly every?: number } = {},
): Query<T> {
  const [state, setState] = useState<Omit<Query<T>, 'reload'>>({
    value: undefined,
    failure: undefined,
    isLoading: true,
  })
  const [round, setRound] = useState(0)
  const newest = useRef(reader)
  newest.current = reader
  const key = JSON.stringify(inputs)

  useEffect(() => {
    const { signal, abort } = withAbort()
    setState(({ value }) => ({ value, failure: undefined, isLoading: true }))
    void ask((nod) => newest.current(nod, { signal })).then((outcome) => {
      if (signal.aborted) return
      setState(({ value }) =>
        outcome.ok
          ? { value: outcome.value, failure: undefined, isLoading: false }
          : { value, failure: outcome.failure, isLoading: false },
      )
    })
    return abort
  }, [key, round])

  const reload = useCallback(() => setRound((count) => count + 1), [])
  useEffect(() => {
    if (every === undefined) return undefined
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), every)
    return () => clearInterval(timer)
  }, [every, reload])
  return { ...state, reload }
}

function withAbort() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
