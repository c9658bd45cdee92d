import type { Result, Router } from 'hono/router'
import { TrieRouter } from 'hono/router/trie-router'

/** A first segment without a parameter or a wildcard: routes with another one are not found by it. */
const PLAIN = /^[\w.~-]*$/

interface AddedRoute<T> {
  /** The first segment; undefined: the route may match in every family. */
  readonly family: string | undefined
  readonly method: string
  readonly path: string
  readonly handler: T
}

/** Hono's trie router, built for each family of paths (the first segment) when a request for it comes. Building it for all routes
 *  takes a third of a new isolate's start, and most isolates serve logins only. */
export class LazyRouter<T> implements Router<T> {
  name = 'LazyRouter'
  readonly #added: AddedRoute<T>[] = []
  readonly #tries = new Map<string, TrieRouter<T>>()

  add(method: string, path: string, handler: T): void {
    const first = firstSegment(path)
    const isPlain = path.startsWith('/') && PLAIN.test(first)
    this.#added.push({ family: isPlain ? first : undefined, method, path, handler })
    this.#tries.clear()
  }

  match(method: string, path: string): Result<T> {
    const first = firstSegment(path)
    const built = this.#tries.get(first)
    if (built !== undefined) return built.match(method, path)
    const trie = new TrieRouter<T>()
    let isFamily = false
    for (const added of this.#added) {
      if (added.family !== undefined && added.family !== first) continue
      isFamily ||= added.family === first
      trie.add(added.method, added.path, added.handler)
    }
    // Others are as many as strangers make up.
    if (isFamily) this.#tries.set(first, trie)
    return trie.match(method, path)
  }
}

const firstSegment = (path: string): string => path.split('/', 2)[1] ?? ''
