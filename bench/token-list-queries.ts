import type { TokenFilter } from '../src/vocabulary/tokens.ts'

/** Filters of the token list, as a caller writes them and as Nod parses them, for seeded tokens. */
export const FILTERS: readonly { readonly query: string; readonly filter: TokenFilter }[] = [
  { query: '', filter: {} },
  { query: 'serial=PIPU7*', filter: { beginning: 'PIPU7' } },
  { query: 'user=ada.lovelace0&realm=sales', filter: { login: 'ada.lovelace0', realms: ['sales'], assigned: true } },
  { query: 'tokenrealm=sales', filter: { realms: ['sales'], assigned: true } },
  { query: 'tokenrealm=sales,partners', filter: { realms: ['sales', 'partners'], assigned: true } },
  { query: 'type=edupush', filter: { types: ['edupush'] } },
  { query: 'active=true', filter: { active: true } },
  { query: 'active=false', filter: { active: false } },
  { query: 'assigned=true', filter: { assigned: true } },
  { query: 'assigned=false', filter: { assigned: false } },
  { query: 'rollout_state=clientwait', filter: { state: 'clientwait' } },
  {
    query: 'tokenrealm=partners&active=false&rollout_state=enrolled',
    filter: { realms: ['partners'], active: false, state: 'enrolled', assigned: true },
  },
]

/** Page numbers at the beginning, in the middle and at the end of a list. */
export const PLACES: readonly { readonly name: string; readonly page: (count: number, size: number) => number }[] = [
  { name: 'first', page: () => 1 },
  { name: 'middle', page: (count, size) => Math.max(1, Math.ceil(count / size / 2)) },
  { name: 'last', page: (count, size) => Math.max(1, Math.ceil(count / size)) },
]

/** Queries that read every token: refused when there are too many. */
export const SEARCHES: readonly string[] = [
  'description=*Pixel*',
  'description=*Pixel*&serial=PIPU7A*',
  'sortby=failcount&sortdir=desc',
  'sortby=failcount&sortdir=desc&serial=PIPU7A*',
]
