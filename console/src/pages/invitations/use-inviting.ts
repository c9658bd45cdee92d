import { useEffect, useRef, useState } from 'preact/hooks'
import { type Failure, inviteUser, type NewInvitation, randomKey } from '../../../../client/src/index.ts'
import { ask } from '../../session.ts'
import type { Invitee } from './rows.ts'

/** What has come of one line. */
export type Result =
  | { readonly invitee: Invitee; readonly made: NewInvitation }
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
 *  stops it. It may go on with the same line then: nobody is invited twice. */
export function useInviting(): Inviting {
  const [results, setResults] = useState<readonly Result[]>([])
  const [isRunning, setRunning] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const isWanted = useRef(false)
  const key = useRef(randomKey())
  useEffect(() => () => void (isWanted.current = false), [])

  const run = async (invitees: readonly Invitee[], minutes: string) => {
    if (isWanted.current) return
    isWanted.current = true
    setRunning(true)
    setFailure(undefined)
    for (const invitee of invitees.slice(results.length)) {
      if (!isWanted.current) break
      const { line, user, realm, note } = invitee
      // Whether a request arrived whose answer is lost, nobody knows: by its key Nod answers the invitation that it has made.
      const idempotencyKey = `${key.current} ${line}`
      const made = await ask((nod) => inviteUser(nod, { user, realm, note, minutes }, { idempotencyKey }))
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
