import type { Outcome } from './outcome.ts'

/** Yields one page after the other, until one says that there is no next. A failure is the last it yields. */
export async function* pagesOf<Page extends { readonly next: number | null }>(
  fetchPage: (page: number) => Promise<Outcome<Page>>,
): AsyncGenerator<Outcome<Page>, void, undefined> {
  for (let page: number | null = 1; page !== null;) {
    const outcome: Outcome<Page> = await fetchPage(page)
    yield outcome
    page = outcome.ok ? outcome.value.next : null
  }
}
