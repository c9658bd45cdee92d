import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

/** A step with its heading, which is also the title of the tab and takes the focus, so that it is read out. */
export function Titled({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Nod`
    document.querySelector('h1')?.focus()
  }, [title])
  return (
    <>
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </>
  )
}
