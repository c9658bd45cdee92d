import type { ComponentChildren } from 'preact'

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'info'

const classFor = (tone: Tone) => (tone === 'plain' ? '' : `tone-${tone}`)

/** Something to know. What is bad is read out at once. */
export const Notice = ({
  tone = 'plain',
  title,
  action,
  children,
}: {
  readonly tone?: Tone
  readonly title?: string | undefined
  readonly action?: ComponentChildren
  readonly children?: ComponentChildren
}) => (
  <div class={`notice ${classFor(tone)}`.trim()} role={tone === 'bad' ? 'alert' : 'status'}>
    <div class="grow">
      {title !== undefined && <strong>{title}</strong>}
      {children !== undefined && <p>{children}</p>}
    </div>
    {action}
  </div>
)

/** A state in a word, with a colour. */
export const Badge = ({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ComponentChildren }) => (
  <span class={`badge ${classFor(tone)}`.trim()}>{children}</span>
)
