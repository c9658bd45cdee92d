/** Whether a text is what a pattern says, in which `*` stands for anything. In steps as many as the text is long: what a
 *  caller writes must not become an expression that backtracks. */
export function wildcardMatcher(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return (text) => text === pattern
  return (text) => {
    let at = first.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return text.startsWith(first) && text.endsWith(last) && text.length - last.length >= at
  }
}
