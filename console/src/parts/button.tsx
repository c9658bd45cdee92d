import type { ComponentChildren } from 'preact'

type Kind = 'primary' | 'secondary' | 'danger' | 'quiet'

const classOf = (kind: Kind, isSmall: boolean, extra = '') =>
  ['button', kind === 'secondary' ? '' : `button-${kind}`, isSmall ? 'button-small' : '', extra]
    .filter(Boolean)
    .join(' ')

interface ButtonProps {
  readonly children: ComponentChildren
  readonly kind?: Kind
  readonly small?: boolean
  readonly busy?: boolean
  readonly disabled?: boolean
  readonly submit?: boolean
  readonly wide?: boolean
  /** What it does, where its content does not say it in words. */
  readonly label?: string
  readonly onClick?: () => void
}

/** A button. While it is `busy` it shows that, and does nothing. */
export function Button({
  children,
  kind = 'secondary',
  small = false,
  busy = false,
  wide = false,
  ...rest
}: ButtonProps) {
  const { disabled = false, submit = false, label, onClick } = rest
  return (
    <button
      type={submit ? 'submit' : 'button'}
      class={classOf(
        kind,
        small,
        [wide ? 'button-wide' : '', label === undefined ? '' : 'button-square'].join(' ').trim(),
      )}
      disabled={disabled || busy}
      aria-busy={busy}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  )
}

/** A link that looks like a button. */
export const ButtonLink = ({
  href,
  children,
  kind = 'secondary',
  small = false,
}: {
  readonly href: string
  readonly children: ComponentChildren
  readonly kind?: Kind
  readonly small?: boolean
}) => (
  <a class={classOf(kind, small)} href={href}>
    {children}
  </a>
)
