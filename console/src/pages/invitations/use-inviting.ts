import { useEffect, useRef, useState } from 'preact/hooks'
import { call, type Failure, type ValueOf } from '../../../../client/src/index.ts'
import { ask } from '../../session.ts'
import type { Invitee } from './rows.ts'

/** What has come of one line. */
export type Result =
  | { readonly invitee: Invitee; readonly made: ValueOf<'POST /invitation'> }
  | { readonly invitee: Invitee; readonly error: string }

export interface Inviting {
  readonly results: readonly Result[]
  readonly isRunning: boolean
  /** What has stopped it: it may go on with the line that this has met. */
  readonly failure: Failure | undefined
  /** Begins, or goes on where it has stopped. */
  readonly run: (invitees: readonly Invitee[], minutes: string) => void
  /** Stops after the line that is on its way. */
  readonly stop: () => void
}

/** Invites one after the other. A line that Nod refuses is kept with its sentence, and the next one follows; a failure that may pass
 *  stops it. */
export function useInviting(): Inviting {
  const [results, setResults] = useState<readonly Result[]>([])
  const [isRunning, setRunning] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const isWanted = useRef(false)
  useEffect(() => () => void (isWanted.current = false), [])

  const run = async (invitees: readonly Invitee[], minutes: string) => {
    if (isWanted.current) return
    isWanted.current = true
    setRunning(true)
    setFailure(undefined)
    for (const invitee of invitees.slice(results.length)) {
      if (!isWanted.current) break
      const { user, realm, note } = invitee
      const made = await ask((nod) => call(nod, 'POST /invitation', { user, realm, note, minutes }))
      if (!made.ok && made.failure.kind !== 'refused') {
        setFailure(made.failure)
        break
      }
      const result = made.ok
        ? { invitee, made: made.value }
        : { invitee, error: made.failure.message.replace(/^ERR\d+: /, '') }
      setResults((before) => [...before, result])
    }
    isWanted.current = false
    setRunning(false)
  }
  return {
    results,
    isRunning,
    failure,
    run: (invitees, minutes) => void run(invitees, minutes),
    stop: () => void (isWanted.current = false),
  }
}
