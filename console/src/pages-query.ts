import { useEffect, useState } from 'preact/hooks'
import type { CallOptions, Failure, Nod, Outcome } from '../../client/src/index.ts'
import { ask } from './session.ts'

/** A list that is read page by page. */
export interface Pages<Page, Item> {
  /** Everything that has been read, without doubles where the list has changed in between. */
  readonly items: readonly Item[] | undefined
  /** The first page, for what it says beside its items. */
  readonly first: Page | undefined
  /** The page that was read last. */
  readonly last: Page | undefined
  readonly failure: Failure | undefined
  readonly isLoading: boolean
  /** Reads the next page; undefined after the last. */
  readonly more: (() => void) | undefined
  readonly reload: () => void
}

interface Read<Page> {
  readonly pages: readonly Page[]
  readonly failure?: Failure
  readonly isLoading: boolean
}

/** Milliseconds to wait for the next key while somebody types. */
const TYPING_MS = 150

/** Reads a list by its cursor, and begins again when one of `inputs` changes. What an earlier input has found stays until the new
 *  answer is here. */
export function usePages<Page extends { readonly next: string | null }, Item>(
  reader: (nod: Nod, cursor: string | undefined, options: CallOptions) => Promise<Outcome<Page>>,
  itemsOf: (page: Page) => readonly Item[],
  inputs: readonly unknown[],
): Pages<Page, Item> {
  const [state, setState] = useState<Read<Page> | undefined>(undefined)
  const [round, setRound] = useState(0)
  const [wanted, setWanted] = useState<string>()
  const key = JSON.stringify([inputs, round])

  useEffect(() => {
    setWanted(undefined)
    const controller = new AbortController()
    const { signal } = controller
    const read = async () => {
      const outcome = await ask((nod) => reader(nod, undefined, { signal }))
      if (signal.aborted) return
      setState((before) =>
        outcome.ok
          ? { pages: [outcome.value], isLoading: false }
          : { pages: before?.pages ?? [], failure: outcome.failure, isLoading: false },
      )
    }
    const timer = setTimeout(() => void read(), state === undefined ? 0 : TYPING_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key])

  useEffect(() => {
    if (wanted === undefined) return undefined
    const controller = new AbortController()
    const { signal } = controller
    setState((before) => ({ pages: before?.pages ?? [], isLoading: true }))
    void ask((nod) => reader(nod, wanted, { signal })).then((outcome) => {
      if (signal.aborted) return
      setWanted(undefined)
      setState((before) => {
        const pages = before?.pages ?? []
        return outcome.ok
          ? { pages: [...pages, outcome.value], isLoading: false }
          : { pages, failure: outcome.failure, isLoading: false }
      })
    })
    return () => controller.abort()
  }, [wanted])

  const pages = state?.pages ?? []
  const next = pages.at(-1)?.next ?? undefined
  return {
    items: pages.length === 0 ? undefined : pages.flatMap(itemsOf),
    first: pages[0],
    last: pages.at(-1),
    failure: state?.failure,
    isLoading: state === undefined || state.isLoading,
    more: next === undefined ? undefined : () => setWanted(next),
    reload: () => setRound((count) => count + 1),
  }
}
