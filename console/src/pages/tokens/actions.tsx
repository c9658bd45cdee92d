import {
  type CallOptions,
  deleteTokens,
  disableTokens,
  enableTokens,
  type Nod,
  type Outcome,
  type Reason,
  resetTokens,
  revokeTokens,
} from '../../../../client/src/index.ts'
import { useRef, useState } from 'preact/hooks'
import { ActionButton } from '../../parts/dialog.tsx'
import { toast } from '../../parts/toast.tsx'
import { ask } from '../../session.ts'
import { actionTexts } from './texts.ts'

export type ActionName = 'enable' | 'disable' | 'reset' | 'revoke' | 'remove'

type Work = (
  nod: Nod,
  tokens: { readonly serials: readonly string[] },
  options?: CallOptions,
) => Promise<Outcome<unknown>>

const WORK: Readonly<Record<ActionName, Work>> = {
  enable: enableTokens,
  disable: disableTokens,
  reset: resetTokens,
  revoke: revokeTokens,
  remove: deleteTokens,
}

/** What puts a token back, where something does. */
const UNDO: Readonly<Partial<Record<ActionName, ActionName>>> = { enable: 'disable', disable: 'enable' }

/** Tokens in one request: each takes some calls, and progress shows. */
const AT_ONCE = 10

/** Refusals of a token that is already as the action would make it. */
const IS_SO_ALREADY: Readonly<Partial<Record<ActionName, Reason>>> = { revoke: 'token_revoked', remove: 'not_found' }

const changedOf = (value: unknown): number => {
  if (typeof value === 'number') return value
  const { count_success: count } = (value ?? {}) as { readonly count_success?: number }
  return count ?? 0
}

/** Does it to these tokens, some at a time; the value is how many have changed. Stops where Nod does not answer and when `goesOn`,
 *  which hears how many are done, says so, and may then be repeated: it changes nothing where it is done already. Among several tokens, those that refuse it are passed over, because somebody
 *  else may have revoked or deleted them meanwhile. */
async function apply(
  action: ActionName,
  serials: readonly string[],
  goesOn: (done: number) => boolean,
): Promise<Outcome<number>> {
  let changed = 0
  for (let done = 0; done < serials.length; done += AT_ONCE) {
    if (!goesOn(done)) break
    const some = serials.slice(done, done + AT_ONCE)
    const outcome = await ask((nod) => WORK[action](nod, { serials: some }))
    if (outcome.ok) changed += changedOf(outcome.value)
    else if (outcome.failure.kind !== 'refused') return outcome
    else {
      const { reason } = outcome.failure
      const isGone = reason === 'token_revoked' || reason === 'not_found'
      if (reason !== IS_SO_ALREADY[action] && !(isGone && serials.length > 1)) return outcome
    }
  }
  return { ok: true, value: changed }
}

/** A button that does this to one token, or to several with progress. */
export function TokenAction({
  action,
  serials,
  onDone,
}: {
  readonly action: ActionName
  readonly serials: readonly string[]
  readonly onDone: () => void
}) {
  const [progress, setProgress] = useState(0)
  const isStopped = useRef(false)
  const t = actionTexts()
  const { name, title, text, textOfSeveral } = t[action]
  const what = serials.length === 1 ? (serials[0] ?? '') : t.several(serials.length)
  const reverse = UNDO[action]
  const undo =
    reverse === undefined
      ? undefined
      : () => void apply(reverse, serials, () => true).then((outcome) => outcome.ok && onDone())
  return (
    <ActionButton
      quiet
      name={name}
      kind={action === 'remove' || action === 'revoke' ? 'danger' : 'primary'}
      title={title(what)}
      consequence={
        <>
          <p>{serials.length === 1 ? text : textOfSeveral}</p>
          {serials.length > AT_ONCE && (
            <>
              <progress class="progress" max={serials.length} value={progress} aria-label={name} />
              <p class="quiet small">{t.partly(progress, serials.length)}</p>
            </>
          )}
        </>
      }
      work={() => {
        isStopped.current = false
        return apply(action, serials, (done) => {
          if (!isStopped.current) setProgress(done)
          return !isStopped.current
        })
      }}
      onCancel={() => (isStopped.current = true)}
      onDone={(changed) => {
        // Undoing it for a token that was so before would change that one.
        const isWhole = changed === serials.length
        const isSome = serials.length > 1 && !isWhole
        if (isStopped.current) toast(t.stopped(name, changed, serials.length))
        else
          toast(
            isSome ? t.some(name, changed, serials.length) : t.done(name, serials.length),
            isWhole ? undo : undefined,
          )
        onDone()
      }}
    />
  )
}
