/** Makes a test of whole texts from a pattern in which `*` stands for any characters. It searches for the parts between the stars
 *  from left to right, in time proportional to the length of the text. A regular expression made from what a caller writes could
 *  backtrack (decision 0010). */
export function wildcardMatcher(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return (text) => text === pattern
  return (text) => {
    let end = first.length
    for (const part of rest) {
      const found = text.indexOf(part, end)
      if (found < 0) return false
      end = found + part.length
    }
    return text.startsWith(first) && text.endsWith(last) && text.length - last.length >= end
  }
}
