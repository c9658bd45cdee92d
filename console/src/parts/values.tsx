import { useState } from 'preact/hooks'
import { formatAgo, formatClock, formatDay, formatTime, readTime } from '../format.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'
import { t } from './texts.ts'

/** A time: how long ago, and when on hovering and for assistive technology. `exact` shows the time itself. */
export function When({
  at,
  exact = false,
}: {
  readonly at: string | number | null | undefined
  readonly exact?: boolean
}) {
  const date = readTime(at)
  if (date === undefined) return <span class="quiet">–</span>
  return (
    <time class={exact ? 'exact' : undefined} dateTime={date.toISOString()} title={formatTime(date)}>
      {exact ? (
        <>
          {formatDay(date)}, <span class="clock">{formatClock(date)}</span>
        </>
      ) : (
        formatAgo(date)
      )}
    </time>
  )
}

/** Copies a value. */
export function CopyButton({ value }: { readonly value: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <Button small onClick={() => void copy()}>
      {isCopied ? t().copied : t().copy}
    </Button>
  )
}

const LONG = 200

/** A value to copy. Of a long one a part is shown, and can be scrolled. */
export const Copyable = ({ value }: { readonly value: string }) => (
  <div class="secret">
    {value.length > LONG ? (
      <code class="long" tabIndex={0}>
        {value}
      </code>
    ) : (
      <code>{value}</code>
    )}
    <CopyButton value={value} />
  </div>
)

/** A secret that is shown once. */
export const Secret = ({ value, title }: { readonly value: string; readonly title: string }) => (
  <div class="stack">
    <Notice tone="warn" title={title}>
      {t().forget}
    </Notice>
    <Copyable value={value} />
  </div>
)
