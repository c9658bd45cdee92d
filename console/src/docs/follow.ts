/** Marks the place in the menu that is being read, and keeps it in view. */
export function followReader(): void {
  const links = new Map<Element, HTMLAnchorElement>()
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.docs-headings a')) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)))
    if (heading !== null) links.set(heading, link)
  }
  const shown = new Set<Element>()
  const mark = (): void => {
    const first = [...links.keys()].find((heading) => shown.has(heading))
    if (first === undefined) return
    for (const [heading, link] of links) {
      if (heading !== first) link.removeAttribute('aria-current')
      else if (!link.hasAttribute('aria-current')) {
        link.setAttribute('aria-current', 'location')
        keepInView(link)
      }
    }
  }
  const observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) {
        if (isIntersecting) shown.add(target)
        else shown.delete(target)
      }
      mark()
    },
    // What is below the bar at the top and in the upper half of the screen is read.
    { rootMargin: '-72px 0px -50% 0px' },
  )
  for (const heading of links.keys()) observer.observe(heading)
}

/** Scrolls the menu alone: `scrollIntoView` would move the page as well. */
function keepInView(link: HTMLElement): void {
  const menu = link.closest('.docs-side')
  if (menu === null) return
  const { top, bottom } = link.getBoundingClientRect()
  const frame = menu.getBoundingClientRect()
  if (top < frame.top + 60 || bottom > frame.bottom - 60)
    menu.scrollTop += (top + bottom) / 2 - (frame.top + frame.bottom) / 2
}
