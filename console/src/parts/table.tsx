import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Empty } from './page.tsx'

export interface Column<Row> {
  readonly name: string
  readonly of: (row: Row) => ComponentChildren
  readonly kind?: 'number' | 'actions'
}

/** Rows as a table; on a narrow screen each row is a list of its cells. The first column names the row. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  empty,
}: {
  /** What the table shows, for those who do not see it. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string | number
  readonly empty: ComponentChildren
}) {
  const { frame, isScrolling } = useScrolling()
  if (rows.length === 0) return <Empty>{empty}</Empty>
  const [first, ...others] = columns
  return (
    <div
      class="table-frame"
      ref={frame}
      {...(isScrolling ? { tabIndex: 0, role: 'region' as const, 'aria-label': caption } : {})}
    >
      <table class="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, kind }) => (
              <th key={name} scope="col" class={kind === undefined ? undefined : `cell-${kind}`}>
                {kind === 'actions' ? <span class="visually-hidden">{name}</span> : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {first !== undefined && <th scope="row">{first.of(row)}</th>}
              {others.map(({ name, of, kind }) => (
                <td
                  key={name}
                  class={kind === undefined ? undefined : `cell-${kind}`}
                  data-label={kind === 'actions' ? undefined : name}
                >
                  {of(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Whether a frame is too narrow for what is in it: then the keyboard has to reach it, to scroll it. */
function useScrolling() {
  const frame = useRef<HTMLDivElement>(null)
  const [isScrolling, setScrolling] = useState(false)
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setScrolling(element.scrollWidth > element.clientWidth))
    observer.observe(element)
    for (const child of element.children) observer.observe(child)
    return () => observer.disconnect()
  })
  return { frame, isScrolling }
}
