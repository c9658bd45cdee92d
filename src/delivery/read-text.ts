/** Reads a body of at most `most` bytes; undefined for a longer one. */
export async function readText({ body }: Response, most: number): Promise<string | undefined> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > most) return undefined
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}
