import { useEffect, useState } from 'preact/hooks'
import { call, connect, type Failure, type Nod, type ValueOf } from '../../../../client/src/index.ts'
import { language } from '../../texts.ts'

type Invitation = ValueOf<'POST /invitation/look'>
type Code = ValueOf<'POST /invitation/begin'>

/** Why an invitation does not count, as far as this page knows. Nod itself says the same of all of them. */
export type Dead = 'incomplete' | 'dead' | 'ended' | 'withdrawn' | 'used' | 'guessed'

/** How far the page has come. */
type Step =
  | { readonly at: 'loading' }
  | { readonly at: 'welcome' }
  | { readonly at: 'code'; readonly code: Code }
  /** `pin`: the random PIN, if there is one. `isFresh`: it has registered while the page was open. */
  | { readonly at: 'registered'; readonly pin: string | undefined; readonly isFresh: boolean }
  | { readonly at: 'refused'; readonly why: Dead }

export interface InvitationState {
  readonly step: Step
  /** Whom it is for, once Nod has said so. */
  readonly invitation: Invitation | undefined
  /** What has failed and may be tried again. */
  readonly failure: Failure | undefined
  readonly isBusy: boolean
  /** Looks again after a failure. */
  readonly look: () => void
  /** Asks for a code; an earlier one is void. */
  readonly begin: () => void
}

/** Seconds that one request waits for the phone. */
const WAIT = 20
/** Milliseconds until the next request after one that has failed. */
const PAUSE_MS = 2000

/** The connection of somebody without an account. */
export const stranger = (): Nod => connect({ url: location.origin, language: language.value })

/** Looks at the invitation of a secret, shows its code when told, and waits until the phone has registered. */
export function useInvitation(secret: string): InvitationState {
  const [step, setStep] = useState<Step>(secret === '' ? { at: 'refused', why: 'incomplete' } : { at: 'loading' })
  const [invitation, setInvitation] = useState<Invitation>()
  const [failure, setFailure] = useState<Failure>()
  const [isBusy, setBusy] = useState(false)

  /** Tells a refusal, or a failure that may pass. */
  const fail = (found: Failure, known = invitation) => {
    const why = deadBy(found, known)
    if (why === undefined) setFailure(found)
    else setStep({ at: 'refused', why })
  }

  const look = async () => {
    setFailure(undefined)
    const found = await call(stranger(), 'POST /invitation/look', { secret })
    if (!found.ok) return fail(found.failure)
    setInvitation(found.value)
    setStep(
      found.value.state === 'registered' ? { at: 'registered', pin: undefined, isFresh: false } : { at: 'welcome' },
    )
  }
  useEffect(() => {
    if (secret !== '') void look()
  }, [])

  const begin = async () => {
    setBusy(true)
    const code = await call(stranger(), 'POST /invitation/begin', { secret })
    setBusy(false)
    if (!code.ok) return fail(code.failure)
    setFailure(undefined)
    setStep({ at: 'code', code: code.value })
  }

  // A phone that opens its app leaves the page: a request that has ended meanwhile is sent again.
  useEffect(() => {
    if (step.at !== 'code') return undefined
    const { pin } = step.code
    const controller = new AbortController()
    const { signal } = controller
    const wait = async () => {
      while (!signal.aborted) {
        const options = { signal, timeout: (WAIT + 15) * 1000 }
        const found = await call(stranger(), 'POST /invitation/look', { secret, wait: WAIT }, options)
        if (signal.aborted) return
        if (found.ok && found.value.state === 'registered') return setStep({ at: 'registered', pin, isFresh: true })
        if (found.ok) continue
        if (found.failure.kind === 'refused') return fail(found.failure)
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
    void wait()
    return () => controller.abort()
  }, [step.at])

  return { step, invitation, failure, isBusy, look: () => void look(), begin: () => void begin() }
}

/** Tells from what the page has seen before why the invitation does not count any more; undefined for a failure that may pass. */
function deadBy(failure: Failure, known: Invitation | undefined): Dead | undefined {
  if (failure.kind === 'unavailable' && failure.status === 429 && known === undefined) return 'guessed'
  if (failure.kind !== 'refused') return undefined
  if (failure.reason === 'parameter') return 'incomplete'
  if (failure.reason !== 'not_found') return undefined
  if (known === undefined) return 'dead'
  if (known.state === 'registered') return 'used'
  return Date.now() >= known.expires_at ? 'ended' : 'withdrawn'
}
