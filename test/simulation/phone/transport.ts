/** How the app speaks HTTP: forms out, a time limit, no redirects, and a second try for answers. */
import { type Reply, readReply } from '../reply.ts'
import type { App } from './app.ts'
import type { FormFields } from './forms.ts'

export type Fetch = (request: Request) => Promise<Response>

export interface Transport {
  post(url: string, fields: FormFields): Promise<Reply>
  /** Posts, and once more with the identical body where the connection fails or 15 s are over. Source: docs/protocol.md, "Phone answer". */
  postTwice(url: string, fields: FormFields): Promise<Reply>
  get(url: string, parameters: FormFields): Promise<Reply>
}

export interface TransportOptions {
  readonly fetch: Fetch | undefined
  /** Milliseconds before the app gives up. */
  readonly timeout: number
  readonly app: Pick<App, 'name' | 'version'>
  /** As in `Android/14`. */
  readonly system: string
}

export function transport({ fetch, timeout, app, system }: TransportOptions): Transport {
  // Looked up at each call, so that a test may replace the global one.
  const send: Fetch = fetch ?? ((request) => globalThis.fetch(request))

  const once = async (url: string, init: RequestInit): Promise<Reply> => {
    const limit = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${timeout / 1000} s`))
        limit.abort()
      }, timeout)
    })
    const answer = async (): Promise<Reply> =>
      readReply(await send(new Request(url, { ...init, signal: limit.signal })))
    try {
      return await Promise.race([answer(), late])
    } finally {
      if (timer !== undefined) clearTimeout(timer)
    }
  }

  const post = (url: string, fields: FormFields): Promise<Reply> =>
    once(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        // As docs/protocol.md, "Phone app", has it.
        'user-agent': `${app.name}/${app.version} ${system}`,
      },
      body: new URLSearchParams(fields).toString(),
      // The app follows none for POST: docs/protocol.md, "Phone app".
      redirect: 'manual',
    })

  return {
    post,
    postTwice: (url, fields) => post(url, fields).catch(() => post(url, fields)),
    get(url, parameters) {
      const address = new URL(url)
      // 7: "Query parameters already in the URL are kept."
      for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
      // 7: "User-Agent `privacyIDEA-App / <os> <version>`"
      const agent = `${app.name} / ${system.split('/')[0]} ${app.version}`
      return once(address.href, { method: 'GET', headers: { 'user-agent': agent } })
    },
  }
}
