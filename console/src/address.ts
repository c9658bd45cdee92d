import { useLocation } from 'preact-iso'

/** Reads and writes the filters of a page, which stand in its address: a link leads to what one sees. */
export function useFilters<Name extends string>(
  names: readonly Name[],
): {
  readonly filters: Readonly<Record<Name, string>>
  readonly setFilters: (changed: Partial<Record<Name, string>>) => void
} {
  const { query, route } = useLocation()
  const filters = Object.fromEntries(names.map((name) => [name, query[name] ?? ''])) as Record<Name, string>
  const setFilters = (changed: Partial<Record<Name, string>>) => {
    const wanted = { ...query, ...changed }
    const kept = Object.entries(wanted).filter(
      (entry): entry is [string, string] => entry[1] !== '' && entry[1] !== undefined,
    )
    const search = new URLSearchParams(kept).toString()
    // The router's own path has lost the last slash, without which the server answers with a redirect.
    const { pathname } = location
    route(search === '' ? pathname : `${pathname}?${search}`, true)
  }
  return { filters, setFilters }
}

/** The address of a page of the console, with filters. */
export function address(path: string, filters: Readonly<Record<string, string | undefined>> = {}): string {
  const kept = Object.entries(filters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  )
  const search = new URLSearchParams(kept).toString()
  return `/console${path}${search === '' ? '' : `?${search}`}`
}
