import type { Failure } from '../../../client/src/index.ts'
import { formatDuration } from '../format.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'
import { sentenceOf } from './refused-field.ts'
import { t } from './texts.ts'

/** Why something has failed: Nod's own sentence for a refusal, and for everything else what that means. */
export function FailureNotice({ failure, onRetry }: { readonly failure: Failure; readonly onRetry?: () => void }) {
  const { retry, refused, unreachable, failures, again } = t()
  const after = 'retryAfter' in failure ? failure.retryAfter : undefined
  // A limit that is reached is said in Nod's own words as well.
  const isRefusal = failure.kind === 'refused' || (failure.kind === 'unavailable' && failure.status === 429)
  const sentence = isRefusal ? sentenceOf(failure.message) : failures[failure.kind]
  return (
    <Notice
      tone="bad"
      title={isRefusal ? refused : unreachable}
      action={
        onRetry === undefined ? undefined : (
          <Button small onClick={onRetry}>
            {retry}
          </Button>
        )
      }
    >
      {sentence}
      {after !== undefined && ` ${again(formatDuration(after * 1000))}`}
    </Notice>
  )
}
