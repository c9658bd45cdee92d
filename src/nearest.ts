/** The known name that a misspelled one is most likely meant to be. */

/** Returns the name that takes the fewest edits to get from `text`, upper and lower case being the same; undefined if
 *  all take more than a third of its characters (one of up to three characters, two of up to eight). Of several, the first
 *  in the alphabet. */
export function nearest(text: string, names: Iterable<string>): string | undefined {
  // A long text would cost the product of the lengths, for each name.
  const spelled = text.slice(0, 64).toLowerCase()
  const most = spelled.length <= 3 ? 1 : Math.max(2, Math.floor(spelled.length / 3))
  let found: { readonly name: string; readonly edits: number } | undefined
  for (const name of [...names].toSorted()) {
    if (Math.abs(name.length - spelled.length) > most) continue
    const edits = editDistance(spelled, name.toLowerCase())
    // A short name is not meant by a text of which nothing would stay.
    if (edits <= most && edits < Math.max(spelled.length, name.length) && edits < (found?.edits ?? Infinity))
      found = { name, edits }
  }
  return found?.name
}

/** The number of characters to insert, delete, replace, or exchange with the next one, to get from one text to the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const differs = from[row - 1] === to[column - 1] ? 0 : 1
      const edits = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + differs)
      const exchanged = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(exchanged ? Math.min(edits, (beforeLast[column - 2] ?? 0) + 1) : edits)
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

/** ` Did you mean 'user'?`, or nothing. */
export const suggestion = (name: string | undefined): string => (name === undefined ? '' : ` Did you mean '${name}'?`)
