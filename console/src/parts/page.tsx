import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Query } from '../query.ts'
import { FailureNotice } from './failure.tsx'
import { t } from './texts.ts'

/** A page with its heading, which is also the title of the tab. */
export function Page({
  title,
  lead,
  actions,
  back,
  children,
}: {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly back?: readonly [href: string, name: string]
  readonly children: ComponentChildren
}) {
  useEffect(() => {
    document.title = `${title} · Nod`
  }, [title])
  return (
    <div class="page">
      <header class="page-head">
        <div class="grow">
          {back !== undefined && (
            <a class="back" href={back[0]}>
              ← {back[1]}
            </a>
          )}
          <h1>{title}</h1>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {actions !== undefined && <div class="row">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export const Card = ({
  title,
  actions,
  flush = false,
  children,
}: {
  readonly title?: string
  readonly actions?: ComponentChildren
  /** Without a margin inside: for a table. */
  readonly flush?: boolean
  readonly children: ComponentChildren
}) => (
  <section class={flush ? 'card card-flush' : 'card'}>
    {title !== undefined && (
      <div class="card-head">
        <h2>{title}</h2>
        {actions}
      </div>
    )}
    {children}
  </section>
)

/** Names and their values. Pairs whose value is missing are left out. */
export const Facts = ({ of }: { readonly of: readonly (readonly [name: string, value: ComponentChildren])[] }) => (
  <dl class="facts">
    {of
      .filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '')
      .map(([name, value]) => (
        <>
          <dt key={name}>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
  </dl>
)

export const Loading = () => (
  <div class="loading" role="status">
    <span class="visually-hidden">{t().loading}</span>
    <span />
    <span />
    <span />
  </div>
)

export const Empty = ({
  children,
  action,
}: {
  readonly children: ComponentChildren
  readonly action?: ComponentChildren
}) => (
  <div class="empty">
    <p>{children}</p>
    {action}
  </div>
)

/** What a query has found. Until then, that it is being read; a failure with a way to try again; and both where an older value is
 *  still shown. */
export function Loaded<T>({
  query,
  children,
}: {
  readonly query: Query<T>
  readonly children: (value: T) => ComponentChildren
}) {
  const { value, failure, isLoading, reload } = query
  // Nothing may also be what is found.
  const isFound = value !== undefined || (!isLoading && failure === undefined)
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} onRetry={reload} />}
      {isFound ? children(value as T) : failure === undefined && <Loading />}
    </>
  )
}
