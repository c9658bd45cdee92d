import { useState } from 'preact/hooks'
import {
  type CallOptions,
  deleteTokens,
  disableTokens,
  enableTokens,
  type Nod,
  type Outcome,
  resetTokens,
  revokeTokens,
} from '../../../../client/src/index.ts'
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

/** Does it to these tokens, some at a time. Stops at the first failure. Each action may be repeated: it changes nothing where it is
 *  done already. */
async function apply(
  action: ActionName,
  serials: readonly string[],
  onProgress: (done: number) => void,
): Promise<Outcome<number>> {
  for (let done = 0; done < serials.length; done += AT_ONCE) {
    onProgress(done)
    const some = serials.slice(done, done + AT_ONCE)
    const outcome = await ask((nod) => WORK[action](nod, { serials: some }))
    if (!outcome.ok) return outcome
  }
  return { ok: true, value: serials.length }
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
  const t = actionTexts()
  const { name, title, text } = t[action]
  const what = serials.length === 1 ? (serials[0] ?? '') : t.several(serials.length)
  const reverse = UNDO[action]
  const undo =
    reverse === undefined
      ? undefined
      : () => void apply(reverse, serials, () => undefined).then((outcome) => outcome.ok && onDone())
  return (
    <ActionButton
      quiet
      name={name}
      kind={action === 'remove' || action === 'revoke' ? 'danger' : 'primary'}
      title={title(what)}
      consequence={
        <>
          <p>{text}</p>
          {serials.length > AT_ONCE && (
            <>
              <progress class="progress" max={serials.length} value={progress} aria-label={name} />
              <p class="quiet small">{t.partly(progress, serials.length)}</p>
            </>
          )}
        </>
      }
      work={() => apply(action, serials, setProgress)}
      onDone={(count) => {
        toast(t.done(name, count), undo)
        onDone()
      }}
    />
  )
}
