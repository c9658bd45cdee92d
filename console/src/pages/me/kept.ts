/** What stays when the browser reloads the tab while the user is in the app: never a PIN or a bypass code. */
export interface Kept {
  readonly login: string
  readonly realm: string
  readonly code: string
  /** The login that waits for the code. */
  readonly transaction?: string | undefined
}

const KEY = 'nod.me.typed'
const NOTHING: Kept = { login: '', realm: '', code: '' }

export function restore(): Kept {
  try {
    return { ...NOTHING, ...JSON.parse(sessionStorage.getItem(KEY) ?? '{}') }
  } catch {
    return NOTHING
  }
}

export const keep = (kept: Kept): void => sessionStorage.setItem(KEY, JSON.stringify(kept))
