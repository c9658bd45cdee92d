import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'

interface Tab {
  readonly name: string
  readonly content: ComponentChildren
}

/** One of several contents, chosen by its name. Arrow keys go to the next one. Source: WAI-ARIA Authoring Practices, "Tabs". */
export function Tabs({ of }: { readonly of: readonly Tab[] }) {
  const [chosen, choose] = useState(0)
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const go = (step: number) => {
    const next = (chosen + step + of.length) % of.length
    choose(next)
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowRight') go(1)
    else if (event.key === 'ArrowLeft') go(-1)
  }
  return (
    <div class="stack">
      <div class="tabs" role="tablist" ref={list} onKeyDown={onKeyDown}>
        {of.map(({ name }, index) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-tab-${index}`}
            aria-controls={`${id}-panel`}
            aria-selected={index === chosen}
            tabIndex={index === chosen ? 0 : -1}
            onClick={() => choose(index)}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${chosen}`}>
        {of[chosen]?.content}
      </div>
    </div>
  )
}
