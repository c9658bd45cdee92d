/** What the app 4.8.0 sends on an iPhone before it registers (docs/protocol.md, "Registration" and "Phone app"): an empty POST, to be given network
 *  permission. Any HTTP status will do; a connection that fails is tried once more, 10 s later. */
import { sleep } from '../driver/waiting.ts'
import { type Answer, exchange, host, Unreachable } from './raw-http.ts'

const TIMEOUT = 15_000
const RETRY = 10_000

export async function preflight(registrationUrl: string, retry = RETRY): Promise<Answer> {
  try {
    return await emptyPost(registrationUrl)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    await sleep(retry)
    return emptyPost(registrationUrl)
  }
}

async function emptyPost(url: string): Promise<Answer> {
  const { pathname, search } = new URL(url)
  const head = [
    `POST ${pathname}${search} HTTP/1.1`,
    'user-agent: privacyIDEA-App/4.8.0 ios/Version 18.1 (Build 22B83)',
    'content-type: text/plain; charset=utf-8',
    'accept-encoding: gzip',
    'content-length: 0',
    `host: ${host(url)}`,
  ]
  return exchange(url, head, '', TIMEOUT)
}
