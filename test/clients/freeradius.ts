/** FreeRADIUS with privacyIDEA's plugin 3.4.3 (docs/protocol.md, "FreeRADIUS"): user and password are percent-encoded by the plugin and
 *  again by the form, the answer becomes a RADIUS packet. */
import { byteLength, exchange, host, Unreachable } from './raw-http.ts'

export interface AccessRequest {
  readonly userName: string
  readonly userPassword: string
  /** As the NAS sends back what it was given: octets, in hex. */
  readonly state?: string
  readonly nasIpAddress?: string
}

export interface RadiusReply {
  /** `fail` and `notfound` are the module's words; FreeRADIUS rejects on both. */
  readonly code: 'Access-Accept' | 'Access-Challenge' | 'Access-Reject' | 'fail' | 'notfound'
  readonly replyMessage: string
  readonly state?: string
}

export interface RadiusOptions {
  /** The whole address, as in rlm_perl.ini: `https://127.0.0.1/validate/check`. */
  readonly url: string
  readonly realm?: string
  readonly resConf?: string
  /** Seconds. */
  readonly timeout?: number
}

export class FreeRadius {
  readonly #options: RadiusOptions

  constructor(options: RadiusOptions) {
    this.#options = options
  }

  async access({ userName, userPassword, state, nasIpAddress = '127.0.0.1' }: AccessRequest): Promise<RadiusReply> {
    const { url, realm = '', resConf = '', timeout = 10 } = this.#options
    const params: Record<string, string> = {
      ...(state === undefined ? {} : { state: Buffer.from(state.replace(/^0x/, ''), 'hex').toString('latin1') }),
      user: uriEncoded(userName),
      pass: uriEncoded(userPassword),
      client: nasIpAddress,
      ...(realm === '' ? {} : { realm }),
      ...(resConf === '' ? {} : { resConf }),
    }
    // A Perl hash has no order.
    const pairs = Object.entries(params).toSorted(() => Math.random() - 0.5)
    const body = pairs.map(([name, value]) => `${name}=${formEncoded(value)}`).join('&')
    const { pathname } = new URL(url)
    const head = [
      `POST ${pathname} HTTP/1.1`,
      'TE: deflate,gzip;q=0.3',
      'Connection: TE, close',
      `Host: ${host(url)}`,
      'User-Agent: FreeRADIUS',
      `Content-Length: ${byteLength(body)}`,
      'Content-Type: application/x-www-form-urlencoded',
    ]
    const answer = await exchange(url, head, body, timeout * 1000).catch((error: unknown) => {
      if (error instanceof Unreachable) return undefined
      throw error
    })
    if (answer === undefined) return { code: 'fail', replyMessage: 'privacyIDEA request failed: 500' }
    return mapped(answer.status, answer.reason, answer.body)
  }
}

interface Body {
  readonly detail?: { readonly message?: string; readonly transaction_id?: string } | null
  readonly result?: {
    readonly value?: unknown
    readonly status?: unknown
    readonly error?: { readonly code: unknown; readonly message: string }
  }
}

function mapped(status: number, reason: string, text: string): RadiusReply {
  const isGood = status >= 200 && status <= 299
  const before: RadiusReply = isGood
    ? { code: 'Access-Reject', replyMessage: 'privacyIDEA server denied access!' }
    : { code: 'fail', replyMessage: `privacyIDEA request failed: ${status} ${reason}` }
  let body: Body
  try {
    body = JSON.parse(text) as Body
  } catch {
    return before
  }
  const { detail, result } = body
  const { message: replyMessage = '', transaction_id: state = '' } = detail ?? {}
  if (isTrue(result?.value)) return { code: 'Access-Accept', replyMessage: 'privacyIDEA access granted' }
  if (isTrue(result?.status)) {
    if (state === '') return { code: 'Access-Reject', replyMessage }
    return { code: 'Access-Challenge', replyMessage, state: `0x${Buffer.from(state, 'latin1').toString('hex')}` }
  }
  const { code, message = '' } = result?.error ?? {}
  return { code: Number(code) === 904 ? 'notfound' : 'fail', replyMessage: message }
}

/** Whether Perl takes a value for true. */
const isTrue = (value: unknown): boolean => Boolean(value) && value !== '0'

/** URI::Encode with its reserved characters left alone. */
const uriEncoded = (value: string): string =>
  encodeURIComponent(value).replaceAll(/%(?:21|2A|27|28|29|3B|3A|40|26|3D|2B|24|2C|2F|3F|23|5B|5D)/g, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  )

/** LWP's form. */
const formEncoded = (value: string): string => encodeURIComponent(value).replaceAll('%20', '+')
