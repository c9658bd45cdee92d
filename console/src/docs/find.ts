/** Finds entries of the documentation. */
export interface Entry {
  readonly kind: string
  readonly title: string
  readonly text: string
  readonly href: string
}

/** The entries that have every word of the query, those first whose title fits best. A word that only their text has counts as well. */
export function find(entries: readonly Entry[], query: string, most: number): readonly Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const ranked = entries.flatMap((entry) => {
    const ranks = words.map((word) => rankOf(entry, word))
    return ranks.includes(0) ? [] : [{ entry, rank: ranks.reduce((sum, rank) => sum + rank, 0) / words.length }]
  })
  return ranked
    .toSorted((one, other) => other.rank - one.rank)
    .slice(0, most)
    .map(({ entry }) => entry)
}

/** How well a word fits an entry; 0: not at all. What a reader looks up most often comes first among equals. */
function rankOf({ kind, title, text }: Entry, word: string): number {
  const name = title.toLowerCase()
  const bonus = kind === 'parameter' ? 0 : 0.5
  if (name === word) return 5 + bonus
  if (name.startsWith(word)) return 4 + bonus
  if (name.split(/[^a-z\d]+/).some((part) => part.startsWith(word))) return 3 + bonus
  if (name.includes(word)) return 2 + bonus
  return text.toLowerCase().includes(word) ? 1 + bonus : 0
}
