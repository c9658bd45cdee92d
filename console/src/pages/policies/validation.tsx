import { useEffect, useState } from 'preact/hooks'
import { call, type Outcome, type ValueOf } from '../../../../client/src/index.ts'
import { Notice } from '../../parts/notice.tsx'
import { ask } from '../../session.ts'
import { Conflicts } from './conflicts.tsx'
import { type Draft, parametersOf } from './draft.ts'
import { t } from './editor-texts.ts'

type Validation = ValueOf<'POST /policy/{name}/validate'>

/** Milliseconds without a key after which what is typed is checked. */
const PAUSE_MS = 350

/** Whether it can be saved, and which other policy it contradicts. */
export function Verdict({
  validation,
  isChecking,
  draft,
}: {
  readonly validation: Validation | undefined
  readonly isChecking: boolean
  readonly draft: Draft
}) {
  const { checking, valid, invalid, noAction } = t()
  if (draft.scope !== 'user' && Object.keys(draft.action).length === 0) return <Notice>{noAction}</Notice>
  if (validation === undefined) return isChecking ? <p class="quiet small">{checking}</p> : null
  const { refusal } = validation
  return (
    <div class="stack-tight" aria-busy={isChecking}>
      {refusal === undefined ? (
        <Notice tone="good">{valid}</Notice>
      ) : (
        <Notice tone="warn" title={invalid}>
          {refusal.message}
        </Notice>
      )}
      <Conflicts of={validation.conflicts} />
    </div>
  )
}

/** What Nod says of a draft, some time after it was last changed. */
export function useValidation(draft: Draft, revision: number) {
  const [state, setState] = useState<{ readonly of: string; readonly outcome: Outcome<Validation> }>()
  const key = JSON.stringify([draft, revision])
  const isEmpty = draft.name.trim() === '' || (draft.scope !== 'user' && Object.keys(draft.action).length === 0)
  useEffect(() => {
    if (isEmpty) return undefined
    const controller = new AbortController()
    const { signal } = controller
    const timer = setTimeout(() => {
      const parameters = { ...parametersOf(draft), revision }
      void ask((nod) => call(nod, 'POST /policy/{name}/validate', parameters, { signal })).then((outcome) => {
        if (!signal.aborted) setState({ of: key, outcome })
      })
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key])
  const validation = !isEmpty && state?.outcome.ok === true ? state.outcome.value : undefined
  return { validation, isChecking: !isEmpty && state?.of !== key }
}
