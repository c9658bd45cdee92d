/** The pages of /docs, made from the declarations: routes, policy actions, steps, refusals and events. */
import type { Description } from '../client-types/description.ts'
import { actionPage } from './action-page.ts'
import { eventPage } from './event-page.ts'
import { loginPage } from './login-page.ts'
import { operationPages } from './operation-pages.ts'
import { type Chapter, renderPage } from './page.ts'
import { refusalPage } from './refusal-page.ts'
import { sampleAnswer } from './sample.ts'
import { startPage } from './start-page.ts'

/** Renders every file of /docs by its path below that: pages, and what the search searches.
 *  @param template the built page of console/pages/docs, with an empty body */
export function docsFiles(description: Description, template: string): ReadonlyMap<string, string> {
  const guide: Chapter = { name: 'Guide', pages: [loginPage, actionPage, refusalPage(description), eventPage] }
  const operations: Chapter = { name: 'Operations', pages: operationPages(description, sampleAnswers(description)) }
  const start = startPage(description, [guide])
  const chapters = [{ ...guide, pages: [start, ...guide.pages] }, operations]
  const pages = chapters.flatMap((chapter) => chapter.pages)
  const entries = pages.flatMap(({ path, title, entries: own }) => [
    { kind: 'page', title, text: '', href: `/docs/${path}` },
    ...own.map(({ id, ...entry }) => ({ ...entry, href: `/docs/${path}#${id}` })),
  ])
  return new Map([
    ...pages.map((page) => [`${page.path}index.html`, renderPage(template, page, chapters)] as const),
    ['search.json', JSON.stringify(entries)],
  ])
}

/** A sample answer of every route that answers JSON. */
export function sampleAnswers({ paths, components }: Description): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        const sample = sampleAnswer(operation, components.schemas)
        return sample === undefined
          ? []
          : [[`${method.toUpperCase()} ${path}`, JSON.stringify(sample, null, 2)] as const]
      }),
    ),
  )
}
